/* Frequency filters by FFTW in single precision: patient plans, one thread, real to complex, the mask on half the
 * spectrum. Arguments: rows cols images folder; reads folder/images.f32 and lines "<kind> <radius>" (kind low or high),
 * answers with the microseconds an image took, of processor time and by the clock. "write <kind> <radius>" leaves the
 * filtered images in folder/result.f32. A referee for the bench only; nothing of the product links it. */
#include <fftw3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static double seconds_of(clockid_t clock) {
  struct timespec now;
  clock_gettime(clock, &now);
  return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static FILE* open_in(const char* folder, const char* name, const char* mode) {
  char path[4096];
  snprintf(path, sizeof path, "%s/%s", folder, name);
  return fopen(path, mode);
}

/* 1 when the shifted bin (y, x), counted from the corner, is nearer to the centre than the radius. */
static int inside(int y, int x, int rows, int cols, double radius) {
  const double dy = (y + rows / 2) % rows - rows / 2.0, dx = (x + cols / 2) % cols - cols / 2.0;
  return dy * dy + dx * dx < radius * radius;
}

int main(int count_arguments, char** arguments) {
  if (count_arguments < 5) return 2;
  const int rows = atoi(arguments[1]), cols = atoi(arguments[2]), images = atoi(arguments[3]);
  const char* folder = arguments[4];
  const int half = cols / 2 + 1;
  const size_t size = (size_t)rows * (size_t)cols, all = size * (size_t)images;
  float* from = fftwf_alloc_real(all);
  float* to = fftwf_alloc_real(all);
  float* mask = fftwf_alloc_real((size_t)rows * (size_t)half);
  fftwf_complex* spectrum = fftwf_alloc_complex((size_t)rows * (size_t)half);
  fftwf_plan forward = fftwf_plan_dft_r2c_2d(rows, cols, from, spectrum, FFTW_PATIENT);
  fftwf_plan backward = fftwf_plan_dft_c2r_2d(rows, cols, spectrum, to, FFTW_PATIENT);
  FILE* file = open_in(folder, "images.f32", "rb");
  if (!file || fread(from, sizeof(float), all, file) != all) return 3;
  fclose(file);
  printf("ready\n");
  fflush(stdout);
  char line[256], kind[16];
  double radius;
  while (fgets(line, sizeof line, stdin)) {
    const int write = strncmp(line, "write ", 6) == 0;
    if (sscanf(line + (write ? 6 : 0), "%15s %lf", kind, &radius) != 2) return 4;
    const int high = strcmp(kind, "high") == 0;
    for (int y = 0; y < rows; ++y) {
      for (int x = 0; x < half; ++x) {
        /* The real part of the result sees the mean of a bin's mask and its mirror image's. */
        const int both = inside(y, x, rows, cols, radius) +
                         inside((rows - y) % rows, (cols - x) % cols, rows, cols, radius);
        mask[y * half + x] = 0.5f * (float)(high ? 2 - both : both) / (float)size;
      }
    }
    const double cpu = seconds_of(CLOCK_PROCESS_CPUTIME_ID), wall = seconds_of(CLOCK_MONOTONIC);
    for (int i = 0; i < images; ++i) {
      fftwf_execute_dft_r2c(forward, from + size * (size_t)i, spectrum);
      for (int k = 0; k < rows * half; ++k) {
        spectrum[k][0] *= mask[k];
        spectrum[k][1] *= mask[k];
      }
      fftwf_execute_dft_c2r(backward, spectrum, to + size * (size_t)i);
    }
    const double cpu_spent = seconds_of(CLOCK_PROCESS_CPUTIME_ID) - cpu, wall_spent = seconds_of(CLOCK_MONOTONIC) - wall;
    if (write) {
      file = open_in(folder, "result.f32", "wb");
      if (!file || fwrite(to, sizeof(float), all, file) != all || fclose(file) != 0) return 5;
    }
    printf("%.3f %.3f\n", cpu_spent / images * 1e6, wall_spent / images * 1e6);
    fflush(stdout);
  }
  return 0;
}

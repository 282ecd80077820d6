/* Frequency filters by FFTW in single precision: patient plans, one thread, real to complex, the mask on half the
 * spectrum. Reads lines "<kind> <radius>" (kind low or high) and answers with the CPU microseconds an image took.
 * A referee for the bench only; nothing of the product links it. */
#include <fftw3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static double cpu_seconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

int main(int count_arguments, char** arguments) {
  if (count_arguments < 4) return 2;
  const int rows = atoi(arguments[1]), cols = atoi(arguments[2]), images = atoi(arguments[3]);
  const int half = cols / 2 + 1;
  const size_t size = (size_t)rows * (size_t)cols;
  float* from = fftwf_alloc_real(size * (size_t)images);
  float* to = fftwf_alloc_real(size * (size_t)images);
  float* mask = fftwf_alloc_real((size_t)rows * (size_t)half);
  fftwf_complex* spectrum = fftwf_alloc_complex((size_t)rows * (size_t)half);
  fftwf_plan forward = fftwf_plan_dft_r2c_2d(rows, cols, from, spectrum, FFTW_PATIENT);
  fftwf_plan backward = fftwf_plan_dft_c2r_2d(rows, cols, spectrum, to, FFTW_PATIENT);
  for (size_t i = 0; i < size * (size_t)images; ++i) from[i] = (float)rand() / (float)RAND_MAX;
  printf("ready\n");
  fflush(stdout);
  char kind[16];
  double radius;
  while (scanf("%15s %lf", kind, &radius) == 2) {
    const int high = strcmp(kind, "high") == 0;
    for (int y = 0; y < rows; ++y) {
      for (int x = 0; x < half; ++x) {
        const double dy = y < (rows + 1) / 2 ? y : y - rows, dx = x;
        const int inside = dy * dy + dx * dx < radius * radius;
        mask[y * half + x] = inside != high ? 1.0f / (float)size : 0.0f;
      }
    }
    const double began = cpu_seconds();
    for (int i = 0; i < images; ++i) {
      fftwf_execute_dft_r2c(forward, from + size * (size_t)i, spectrum);
      for (int k = 0; k < rows * half; ++k) {
        spectrum[k][0] *= mask[k];
        spectrum[k][1] *= mask[k];
      }
      fftwf_execute_dft_c2r(backward, spectrum, to + size * (size_t)i);
    }
    printf("%.3f\n", (cpu_seconds() - began) / images * 1e6);
    fflush(stdout);
  }
  return 0;
}

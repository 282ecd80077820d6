#pragma once

// Filtered columns on their way into images. Memory takes runs of a row up to twice as fast as
// single cache lines a row apart (rows of 1,024 bytes: 28 against 15 GB/s), so columns wait in
// groups and go out row by row.

#include <cstddef>

#include "isa/line-transform.h"
#include "isa/pair-filter.h"

namespace audit {
namespace {

/// Columns of lanes that go out together.
inline constexpr int kGroup = kGroupPixels / kLanes;

/// A filter does not mind turning the image in a circle, so when whole cache lines fill a row, the
/// turn is chosen that puts every vector on its natural boundary: one that straddles two cache
/// lines costs twice.
AUDIT_INLINE bool Turnable(const PairJob& job) { return job.cols % kMostTurned == 0; }

/// How pixels are stored: at any address, or past the caches at aligned ones.
struct ToCache {
  static AUDIT_INLINE void Put(float* to, Vector value) { Store(to, value); }
};
struct PastCache {
  static AUDIT_INLINE void Put(float* to, Vector value) { StoreStreaming(to, value); }
};

/// Neighbouring columns of lanes in the first of the job's staged lines, in the order of the
/// image's rows.
struct ColumnGroup {
  const Ring* ring;
  /// The first pixel column, and how many columns of lanes.
  int x, count;
};

/// Sends a group out to every output of its ring.
class RowStore {
 public:
  RowStore(const PairJob& job, const ColumnGroup& group) : job_(job), group_(group) {}

  template <class Destination>
  void Send() const {
    if (group_.x + group_.count * kLanes > job_.cols) return SendEdge<Destination>();
    if (group_.count == kGroup) return SendWhole<Destination, kGroup>();
    SendWhole<Destination, 0>();
  }

 private:
  AUDIT_INLINE Vector ValueAt(int column, int y, int image) const {
    return LoadAligned(job_.staged + column * job_.staged_stride + y * kPoint + image * kLanes);
  }

  /// kCount columns of lanes, or group_.count when that is 0.
  template <class Destination, int kCount>
  void SendWhole() const {
    const int count = kCount > 0 ? kCount : group_.count;
    const Ring& ring = *group_.ring;
    for (int y = 0; y < job_.rows; ++y) {
      const std::ptrdiff_t at = static_cast<std::ptrdiff_t>(y) * job_.cols + group_.x;
      for (int image = 0; image < 2; ++image) {
        for (int i = 0; i < ring.output_count; ++i) {
          const RingOutput& output = ring.outputs[i];
          const Vector gain = Broadcast(output.gain[image]);
          const Vector offset = Broadcast(output.offset[image]);
          float* to = output.to[image] + at;
          const float* from = job_.from[image] + at;
          if (output.direct == 0) {
            for (int k = 0; k < count; ++k)
              Destination::Put(to + k * kLanes, ValueAt(k, y, image) * gain + offset);
          } else {
            const Vector direct = Broadcast(output.direct);
            for (int k = 0; k < count; ++k) {
              const Vector rest = Load(from + k * kLanes) * direct + offset;
              Destination::Put(to + k * kLanes, ValueAt(k, y, image) * gain + rest);
            }
          }
        }
      }
    }
  }

  /// One column of lanes that runs past the right side: it goes on at the left, or its lanes there
  /// hold nothing.
  template <class Destination>
  void SendEdge() const {
    const Ring& ring = *group_.ring;
    const bool turned = Turnable(job_);
    const Mask own = LanesBelow(job_.cols - group_.x);
    for (int y = 0; y < job_.rows; ++y) {
      const std::ptrdiff_t at = static_cast<std::ptrdiff_t>(y) * job_.cols + group_.x;
      const bool last = y + 1 == job_.rows;
      for (int image = 0; image < 2; ++image) {
        const Vector here = ValueAt(0, y, image);
        for (int i = 0; i < ring.output_count; ++i) {
          const RingOutput& output = ring.outputs[i];
          const auto filtered = [&](Vector value, Vector pixels) __attribute__((always_inline)) {
            const Vector rest = pixels * Broadcast(output.direct) + Broadcast(output.offset[image]);
            return value * Broadcast(output.gain[image]) + rest;
          };
          float* to = output.to[image] + at;
          const float* from = job_.from[image] + at;
          // The beginning of a row follows the end of the row before it in memory.
          if (turned && y == 0) {
            StoreLanes(to - job_.cols, ~own, filtered(here, LoadLanes(from - job_.cols, ~own)));
          }
          if (turned && !last) {
            const Vector next = ValueAt(0, y + 1, image);
            Destination::Put(to, filtered(own ? here : next, Load(from)));
          } else {
            StoreLanes(to, own, filtered(here, LoadLanes(from, own)));
          }
        }
      }
    }
  }

  const PairJob& job_;
  const ColumnGroup& group_;
};

}  // namespace
}  // namespace audit

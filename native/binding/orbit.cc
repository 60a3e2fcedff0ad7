#include <algorithm>
#include <vector>

#include "binding/arguments.h"
#include "binding/exports.h"
#include "binding/growing.h"
#include "binding/point.h"
#include "fmandel/fixed.h"
#include "fmandel/orbit.h"
#include "fmandel/reference.h"

namespace binding {
namespace {

// An orbit under construction, in memory of its own that grows with it. It belongs to one thread.
class Orbit : public Napi::ObjectWrap<Orbit> {
 public:
  static Napi::Function define(Napi::Env env) {
    return DefineClass(env, "Orbit",
                       {
                           InstanceMethod<&Orbit::Run>("run"),
                           InstanceMethod<&Orbit::Nucleus>("nucleus"),
                           InstanceMethod<&Orbit::ReferenceBytes>("referenceBytes"),
                           InstanceMethod<&Orbit::Reference>("reference"),
                           InstanceMethod<&Orbit::Centre>("centre"),
                           InstanceMethod<&Orbit::Shape>("shape"),
                           InstanceMethod<&Orbit::Save>("save"),
                           InstanceMethod<&Orbit::Restart>("restart"),
                           InstanceAccessor<&Orbit::StateLength>("stateLength"),
                           InstanceAccessor<&Orbit::Length>("length"),
                           InstanceAccessor<&Orbit::Period>("period"),
                           InstanceAccessor<&Orbit::Escaped>("escaped"),
                           InstanceAccessor<&Orbit::Log2Derivative>("log2Derivative"),
                           InstanceAccessor<&Orbit::Last>("last"),
                           InstanceAccessor<&Orbit::Derivative>("derivative"),
                       });
  }

  // re, im, fractionBits: the point is (re + i im) / 2^fractionBits; bits, radius: of the orbit. Or
  // what save() filled, to continue from there.
  explicit Orbit(const Napi::CallbackInfo& info) : Napi::ObjectWrap<Orbit>(info) {
    if (info[0].IsTypedArray()) {
      resume(info);
      return;
    }
    const Words re = bigint(info, 0, "re"), im = bigint(info, 1, "im");
    const auto fraction = static_cast<int64_t>(number(info, 2, "fractionBits", 0, MAX_BITS, true));
    bits_ = static_cast<int64_t>(number(info, 3, "bits", 64, MAX_BITS, true)) / 64 * 64;
    radius_ = number(info, 4, "radius", 2, 1 << 30);
    limbs_ = fmandel_orbit_limbs(bits_);
    re_ = limbs_of(info.Env(), re, fraction, limbs_);
    im_ = limbs_of(info.Env(), im, fraction, limbs_);
    begin();
  }

 private:
  static constexpr int64_t FIRST_CAPACITY = 4096;

  int64_t stateLength() const { return fmandel_orbit_saved_bytes(&orbit_) / 8; }

  void resume(const Napi::CallbackInfo& info) {
    const Array<double> state = array<double>(info, 0, "state");
    const fmandel_orbit* const saved = fmandel_orbit_saved(state.data, static_cast<int64_t>(8 * state.length));
    if (!saved) throw Napi::RangeError::New(info.Env(), "state must be what save() filled, it was damaged or something else");
    bits_ = saved->bits;
    radius_ = saved->radius;
    limbs_ = fmandel_orbit_limbs(bits_);
    work_.resize(fmandel_orbit_work(bits_));
    orbit_.tiny_count = saved->tiny_count;
    int64_t capacity = FIRST_CAPACITY;
    while (capacity < saved->length) capacity *= 2;
    room(capacity);
    fmandel_orbit_resume(&orbit_, state.data);
    // where Newton's method would restart: the point itself, which nothing else moves
    re_.assign(fmandel_orbit_re(&orbit_), fmandel_orbit_re(&orbit_) + limbs_);
    im_.assign(fmandel_orbit_im(&orbit_), fmandel_orbit_im(&orbit_) + limbs_);
  }

  Napi::Value StateLength(const Napi::CallbackInfo& info) {
    ready();
    return Napi::Number::New(info.Env(), stateLength());
  }

  // out: Float64Array of stateLength
  void Save(const Napi::CallbackInfo& info) {
    ready();
    double* const to = filled<double>(info, 0, "out", static_cast<size_t>(stateLength()), "stateLength");
    fmandel_orbit_save(&orbit_, to);
  }

  // An orbit may hold gigabytes that the garbage collector does not know about, and would keep for
  // hours. A task that makes thousands of orbits would hold even their first room all at once,
  // because no destructor runs before it returns.
  void Restart(const Napi::CallbackInfo&) {
    orbit_ = {};
    z_.clear();
    low_.clear();
    tiny_.clear();
    std::vector<uint64_t>().swap(work_);
  }

  // begins the orbit, or begins it again
  void begin() {
    work_.resize(fmandel_orbit_work(bits_));
    room(FIRST_CAPACITY);
    start();
  }

  // has the orbit begun after Restart?
  void ready() {
    if (work_.empty()) begin();
  }

  void start() { fmandel_orbit_start(&orbit_, re_.data(), im_.data(), bits_, radius_); }

  void room(int64_t capacity) {
    z_.resize(2 * (capacity + 1));
    low_.resize(2 * (capacity + 1));
    tiny_.resize(std::max(capacity / 8, orbit_.tiny_count));
    orbit_.z = z_.data();
    orbit_.low = low_.data();
    orbit_.capacity = capacity;
    orbit_.tiny = tiny_.data();
    orbit_.tiny_capacity = tiny_.size();
    orbit_.work = work_.data();
  }

  int run(int64_t max_iter, const fmandel_floatexp* disc, int64_t* progress, const int32_t* cancel) {
    int status;
    while ((status = fmandel_orbit_run(&orbit_, max_iter, disc, progress, cancel)) == FMANDEL_FULL) {
      room(2 * orbit_.capacity);
    }
    return status;
  }

  // mantissa, exponent, maxIter, progress, cancel: "done", "candidate", or "cancelled"
  Napi::Value Run(const Napi::CallbackInfo& info) {
    ready();
    const fmandel_floatexp disc = radius_of(info, 0);
    const auto max_iter = static_cast<int64_t>(number(info, 2, "maxIter", 1, MAX_ITER, true));
    const int status = run(max_iter, &disc, progress_of(info, 3), cancel_flag(info, 4));
    return Napi::String::New(info.Env(), status == FMANDEL_OK          ? "done"
                                         : status == FMANDEL_CANDIDATE ? "candidate"
                                                                       : "cancelled");
  }

  // mantissa, exponent, tolerance, progress, cancel: "nucleus", "not converged" or "cancelled"
  Napi::Value Nucleus(const Napi::CallbackInfo& info) {
    ready();
    const fmandel_floatexp disc = radius_of(info, 0);
    const auto tolerance = static_cast<int64_t>(number(info, 2, "tolerance", -MAX_BITS, 0, true));
    int64_t* const progress = progress_of(info, 3);
    const int32_t* const cancel = cancel_flag(info, 4);
    const int64_t candidate = orbit_.length;
    int status;
    while ((status = fmandel_nucleus(&orbit_, &disc, tolerance, progress, cancel)) == FMANDEL_FULL) {
      // the orbit is lost: run to the candidate again, with more memory
      room(2 * orbit_.capacity);
      start();
      status = run(candidate, nullptr, progress, cancel);
      if (status != FMANDEL_OK) break;
    }
    return Napi::String::New(info.Env(), status == FMANDEL_OK       ? "nucleus"
                                         : status == FMANDEL_NOT_CONVERGED ? "not converged"
                                                                    : "cancelled");
  }

  Napi::Value ReferenceBytes(const Napi::CallbackInfo& info) {
    ready();
    const auto exponent = static_cast<int64_t>(number(info, 0, "exponent", -MAX_EXPONENT, 8, true));
    return Napi::Number::New(
        info.Env(), static_cast<double>(fmandel_reference_bytes(&orbit_, exponent)));
  }

  // exponent, out: Float64Array of referenceBytes / 8, progress, cancel. False if cancelled.
  Napi::Value Reference(const Napi::CallbackInfo& info) {
    ready();
    const auto exponent = static_cast<int64_t>(number(info, 0, "exponent", -MAX_EXPONENT, 8, true));
    const int64_t bytes = fmandel_reference_bytes(&orbit_, exponent);
    double* const out = filled<double>(info, 1, "out", static_cast<size_t>(bytes / 8), "referenceBytes / 8");
    in_large_pages(out, static_cast<size_t>(bytes));
    const int status =
        fmandel_reference_build(out, bytes, &orbit_, exponent, progress_of(info, 2), cancel_flag(info, 3));
    if (status == FMANDEL_REFUSED) throw Napi::RangeError::New(info.Env(), "the orbit makes no reference for this radius");
    return Napi::Boolean::New(info.Env(), status == FMANDEL_OK);
  }

  // {re, im, bits}: the orbit's point, (re + i im) / 2^bits
  Napi::Value Centre(const Napi::CallbackInfo& info) {
    ready();
    Napi::Object result = Napi::Object::New(info.Env());
    result["re"] = big(info.Env(), fmandel_orbit_re(&orbit_));
    result["im"] = big(info.Env(), fmandel_orbit_im(&orbit_));
    result["bits"] = static_cast<double>(bits_);
    return result;
  }

  // {re, im, exponent, cardioid}: the size and direction of the island, (re + i im) 2^exponent, and
  // its kind
  static Napi::Object scaled(Napi::Env env, const fmandel_floatexp& number) {
    Napi::Object result = Napi::Object::New(env);
    result["re"] = number.re;
    result["im"] = number.im;
    result["exponent"] = static_cast<double>(number.exponent);
    return result;
  }

  Napi::Value Shape(const Napi::CallbackInfo& info) {
    if (orbit_.period == 0) throw Napi::Error::New(info.Env(), "the orbit must be periodic, it was not");
    const fmandel_floatexp size = fmandel_nucleus_size(&orbit_);
    Napi::Object result = scaled(info.Env(), size);
    result["cardioid"] = Napi::Boolean::New(info.Env(), fmandel_nucleus_is_cardioid(&orbit_) != 0);
    return result;
  }

  Napi::Value big(Napi::Env env, const uint64_t* limbs) const {
    std::vector<uint64_t> magnitude(limbs, limbs + limbs_);
    const int negative = fmandel_fixed_sign(limbs, limbs_) < 0;
    if (negative) fmandel_fixed_negate(magnitude.data(), limbs, limbs_);
    return Napi::BigInt::New(env, negative, magnitude.size(), magnitude.data());
  }

  Napi::Value Length(const Napi::CallbackInfo& info) { return Napi::Number::New(info.Env(), orbit_.length); }
  Napi::Value Period(const Napi::CallbackInfo& info) { return Napi::Number::New(info.Env(), orbit_.period); }
  // floor of log2 of the derivative by C
  Napi::Value Log2Derivative(const Napi::CallbackInfo& info) { return Napi::Number::New(info.Env(), orbit_.derivative.exponent); }
  Napi::Value Last(const Napi::CallbackInfo& info) { return scaled(info.Env(), orbit_.last); }
  Napi::Value Derivative(const Napi::CallbackInfo& info) { return scaled(info.Env(), orbit_.derivative); }
  Napi::Value Escaped(const Napi::CallbackInfo& info) { return Napi::Boolean::New(info.Env(), orbit_.escaped != 0); }

  fmandel_orbit orbit_{};
  int64_t bits_;
  double radius_;
  int limbs_;
  std::vector<uint64_t> re_, im_, work_;
  Growing<double> z_;
  Growing<float> low_;
  Growing<fmandel_tiny> tiny_;
};

// state: the bits of a saved orbit; null if it is something else
Napi::Value SavedBits(const Napi::CallbackInfo& info) {
  const Array<double> state = array<double>(info, 0, "state");
  const fmandel_orbit* const saved = fmandel_orbit_saved(state.data, static_cast<int64_t>(8 * state.length));
  return saved ? Napi::Number::New(info.Env(), static_cast<double>(saved->bits)) : info.Env().Null();
}

// reference: its contents, after a complete check; null if it is something else
Napi::Value CheckReference(const Napi::CallbackInfo& info) {
  const Array<double> buffer = array<double>(info, 0, "reference");
  const fmandel_reference* const reference = fmandel_reference_check(buffer.data, static_cast<int64_t>(8 * buffer.length));
  if (!reference) return info.Env().Null();
  Napi::Object result = Napi::Object::New(info.Env());
  result["length"] = static_cast<double>(reference->length);
  result["period"] = static_cast<double>(reference->period);
  result["escaped"] = Napi::Boolean::New(info.Env(), reference->escaped != 0);
  result["radius"] = reference->radius;
  result["exponent"] = static_cast<double>(reference->exponent);
  return result;
}

// log2Spacing, maxIter
Napi::Value OrbitBits(const Napi::CallbackInfo& info) {
  const auto log2_spacing = static_cast<int64_t>(number(info, 0, "log2Spacing", -MAX_BITS, 8, true));
  const auto max_iter = static_cast<int64_t>(number(info, 1, "maxIter", 1, MAX_ITER, true));
  return Napi::Number::New(info.Env(), static_cast<double>(fmandel_orbit_bits(log2_spacing, max_iter)));
}

}  // namespace

void export_orbit(Napi::Env env, Napi::Object exports) {
  exports["Orbit"] = Orbit::define(env);
  exports["savedBits"] = Napi::Function::New(env, SavedBits, "savedBits");
  exports["checkReference"] = Napi::Function::New(env, CheckReference, "checkReference");
  exports["orbitBits"] = Napi::Function::New(env, OrbitBits, "orbitBits");
}

}  // namespace binding

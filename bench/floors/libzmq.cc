// The floors `libzmq` and `libzmq-packed`: the C library alone, sending what the others send.
//
//     libzmq push|pull single|packed ENDPOINT SIZE WARM COUNT
//
// single: a message a value, in fresh memory. packed: frames of 64 KiB, each value behind two bytes
// that tell its length, unpacked at the receiver. Either way the receiver counts every value and
// reads its first byte. What is said on stdout, and the end told by stdin, is as in support/child.ts.
#include <sys/resource.h>
#include <unistd.h>
#include <zmq.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#ifdef __linux__
#include <sys/prctl.h>
#include <csignal>
#endif

namespace {

constexpr int kHighWaterMark = 1000;  // libzmq's own default, pinned.
constexpr size_t kFrameBytes = 64 * 1024;
constexpr size_t kHeadBytes = 2;

void check(bool ok, const char* what) {
  if (ok) return;
  std::fprintf(stderr, "libzmq: %s: %s\n", what, zmq_strerror(zmq_errno()));
  std::exit(1);
}

double now() {
  using namespace std::chrono;
  return duration<double>(steady_clock::now().time_since_epoch()).count();
}

double cpu_seconds(const rusage& usage) {
  return usage.ru_utime.tv_sec + usage.ru_stime.tv_sec +
         (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

// The timed part: how long it took, how many cores it kept busy, the most memory it had.
struct Meter {
  double start = 0, cpu = 0;

  void begin() {
    rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    cpu = cpu_seconds(usage);
    start = now();
  }

  double seconds() const { return now() - start; }

  std::string usage() const {
    rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    char text[96];
    std::snprintf(text, sizeof text, "\"cpu\":%.4f,\"rss\":%.2f",
                  (cpu_seconds(usage) - cpu) / seconds(), usage.ru_maxrss * 1.024e-3);
    return text;
  }
};

struct Task {
  void* socket;
  bool packed;
  size_t size;
  long warm, total;
};

void send(void* socket, zmq_msg_t& message) {
  check(zmq_msg_send(&message, socket, 0) >= 0, "send");
}

void push_single(const Task& task, Meter& meter) {
  for (long i = 0; i < task.total; i++) {
    if (i == task.warm) meter.begin();
    zmq_msg_t message;
    zmq_msg_init_size(&message, task.size);
    std::memset(zmq_msg_data(&message), i & 0xff, task.size);
    send(task.socket, message);
  }
}

void push_packed(const Task& task, Meter& meter) {
  const long fit = static_cast<long>(kFrameBytes / (kHeadBytes + task.size));
  for (long i = 0; i < task.total;) {
    const long count = std::min(fit, task.total - i);
    zmq_msg_t message;
    zmq_msg_init_size(&message, count * (kHeadBytes + task.size));
    auto* at = static_cast<uint8_t*>(zmq_msg_data(&message));
    for (const long end = i + count; i < end; i++) {
      if (i == task.warm) meter.begin();
      const auto length = static_cast<uint16_t>(task.size);
      std::memcpy(at, &length, kHeadBytes);
      std::memset(at + kHeadBytes, i & 0xff, task.size);
      at += kHeadBytes + task.size;
    }
    send(task.socket, message);
  }
}

void push(const Task& task, const char* endpoint) {
  check(zmq_connect(task.socket, endpoint) == 0, "connect");
  Meter meter;
  task.packed ? push_packed(task, meter) : push_single(task, meter);
  while (std::getchar() != EOF) {
  }
  std::printf("{%s}\n", meter.usage().c_str());
}

void pull(const Task& task) {
  check(zmq_bind(task.socket, "tcp://127.0.0.1:*") == 0, "bind");
  char endpoint[64];
  size_t length = sizeof endpoint;
  zmq_getsockopt(task.socket, ZMQ_LAST_ENDPOINT, endpoint, &length);
  std::printf("{\"endpoint\":\"%s\"}\n", endpoint);
  std::fflush(stdout);

  Meter meter;
  long seen = 0;
  uint64_t sum = 0;
  const auto take = [&](uint8_t first) {
    sum += first;
    if (++seen == task.warm) meter.begin();
  };
  while (seen < task.total) {
    zmq_msg_t message;
    zmq_msg_init(&message);
    check(zmq_msg_recv(&message, task.socket, 0) >= 0, "receive");
    const auto* at = static_cast<const uint8_t*>(zmq_msg_data(&message));
    const auto* end = at + zmq_msg_size(&message);
    if (!task.packed) take(at[0]);
    while (task.packed && at < end) {
      uint16_t length_of_value;
      std::memcpy(&length_of_value, at, kHeadBytes);
      take(at[kHeadBytes]);
      at += kHeadBytes + length_of_value;
    }
    zmq_msg_close(&message);
  }
  const double seconds = meter.seconds();
  std::printf("{\"values\":%ld,\"seconds\":%.6f,\"sum\":%llu,%s}\n", task.total - task.warm, seconds,
              static_cast<unsigned long long>(sum), meter.usage().c_str());
}

}  // namespace

int main(int argc, char** argv) {
  if (argc == 2 && std::string(argv[1]) == "version") {
    int major, minor, patch;
    zmq_version(&major, &minor, &patch);
    std::printf("%d.%d.%d\n", major, minor, patch);
    return 0;
  }
  if (argc != 7) return 2;
#ifdef __linux__
  prctl(PR_SET_PDEATHSIG, SIGKILL);  // Not to wait for a bench that has died.
#endif
  const bool pushes = std::string(argv[1]) == "push";
  void* context = zmq_ctx_new();
  void* socket = zmq_socket(context, pushes ? ZMQ_PUSH : ZMQ_PULL);
  check(socket != nullptr, "socket");
  zmq_setsockopt(socket, ZMQ_SNDHWM, &kHighWaterMark, sizeof kHighWaterMark);
  zmq_setsockopt(socket, ZMQ_RCVHWM, &kHighWaterMark, sizeof kHighWaterMark);
  const long warm = std::atol(argv[5]), count = std::atol(argv[6]);
  const Task task{socket, std::string(argv[2]) == "packed", std::stoul(argv[4]), warm, warm + count};
  pushes ? push(task, argv[3]) : pull(task);
  zmq_close(socket);
  zmq_ctx_term(context);
  return 0;
}

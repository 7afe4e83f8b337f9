/* transport_feedback.c - any octets as a transport-wide feedback: as many packets are told of as it says, in order, or none; what
 * was told can be told again and is the same; an estimate fed with it stays within its bounds. */
/* FUZZ: rtp base */
#include "rtp/bandwidth.h"

#include "check.h"

struct told {
    size_t count;
    uint16_t next;
    pp_arrivals *arrivals;
};

static void note(void *arg, uint16_t sequence, bool arrived, int64_t at_us)
{
    struct told *told = arg;

    CHECK(!told->count || sequence == told->next);
    told->next = (uint16_t)(sequence + 1);
    told->count++;
    if (arrived && at_us > 0)
        pp_arrivals_add(told->arrivals, sequence, (uint64_t)at_us);
}

static void count_arrival(void *arg, uint16_t sequence, bool arrived, int64_t at_us)
{
    (void)sequence;
    (void)at_us;
    *(size_t *)arg += arrived;
}

static void read_again(void *arg, const uint8_t *body, size_t size)
{
    CHECK(pp_transport_feedback_parse(body, size, count_arrival, arg) == 0);
}

static void check_written(pp_arrivals *arrivals)
{
    static const pp_rtcp_handlers handlers = {.transport = read_again};
    size_t noted = 0, told = 0;
    pp_buf out = {0};

    for (uint16_t i = 0; i < arrivals->count; i++)
        noted += arrivals->at_us[(uint16_t)(arrivals->base + i) % PP_LIMIT_TRANSPORT_PACKETS] != 0;
    while (pp_arrivals_write(arrivals, (pp_feedback_ends){1, 2}, &out)) {
        CHECK(pp_rtcp_parse((const uint8_t *)out.p, out.n, &handlers, &told) == 0);
        pp_buf_clear(&out);
    }
    CHECK(told == noted);
    pp_buf_free(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static pp_arrivals arrivals;
    static pp_bandwidth bandwidth;
    struct told told = {.arrivals = &arrivals};
    int err;

    arrivals = (pp_arrivals){0};
    err = pp_transport_feedback_parse(data, size, note, &told);
    CHECK(err ? !told.count : told.count == (size_t)(data[2] << 8 | data[3]));
    check_written(&arrivals);
    pp_bandwidth_init(&bandwidth, 300000, 50000, 2500000);
    for (unsigned i = 0; i < PP_LIMIT_TRANSPORT_PACKETS; i++)
        pp_bandwidth_sent(&bandwidth, (uint16_t)(told.next - i), 1000, 1000000 - i * 700);
    CHECK(pp_bandwidth_feedback(&bandwidth, data, size, 1000000) == err);
    CHECK(pp_bandwidth_target(&bandwidth) >= 50000 && pp_bandwidth_target(&bandwidth) <= 2500000);
    return 0;
}

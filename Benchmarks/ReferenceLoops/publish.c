// A full window goes out with one write and is then waited for: fewer system calls than a sliding window has, so this is
// the hardest form to be measured against.
#include "connection.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

int reference_publish_formatted(
    reference_connection *connection, const char *command, size_t count, long long events, int depth) {
    for (long long sent = 0; sent < events;) {
        int window = events - sent < depth ? (int)(events - sent) : depth;
        for (int index = 0; index < window; index++) {
            if (redisAppendFormattedCommand(connection->context, command, count) != REDIS_OK) {
                return reference_fail(connection, connection->context->errstr);
            }
        }
        if (reference_take_integers(connection, window) != 0) return -1;
        sent += window;
    }
    return 0;
}

int reference_publish_argv(
    reference_connection *connection, const char *channel, size_t channel_count, const char *payload,
    size_t payload_count, long long events, int depth) {
    const char *arguments[] = {"PUBLISH", channel, payload};
    const size_t counts[] = {7, channel_count, payload_count};
    for (long long sent = 0; sent < events;) {
        int window = events - sent < depth ? (int)(events - sent) : depth;
        for (int index = 0; index < window; index++) {
            if (redisAppendCommandArgv(connection->context, 3, arguments, counts) != REDIS_OK) {
                return reference_fail(connection, connection->context->errstr);
            }
        }
        if (reference_take_integers(connection, window) != 0) return -1;
        sent += window;
    }
    return 0;
}

static void write_number(char *digits, size_t width, long long number) {
    for (size_t index = width; index > 0; index--) {
        digits[index - 1] = (char)('0' + number % 10);
        number /= 10;
    }
}

/// One lane while it is used: its own copy of the frame, because the number in it changes, and the next number.
typedef struct blast_lane {
    char *bytes;
    long long next;
} blast_lane;

static long long nanoseconds_now(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000000000LL + now.tv_nsec;
}

/// Sleeps until it is time for the event after `sent`.
static void keep_pace(long long start, long long sent, long long per_second) {
    if (per_second == 0) return;
    long long rest = start + sent * 1000000000LL / per_second - nanoseconds_now();
    if (rest <= 0) return;
    struct timespec pause = {.tv_sec = rest / 1000000000LL, .tv_nsec = rest % 1000000000LL};
    nanosleep(&pause, NULL);
}

static int blast(
    reference_connection *connection, const reference_frame *frames, blast_lane *lanes, int lane_count, int run,
    long long events, int depth, long long per_second) {
    int lane = 0, left = run;
    long long start = nanoseconds_now();
    for (long long sent = 0; sent < events;) {
        int window = events - sent < depth ? (int)(events - sent) : depth;
        for (int index = 0; index < window; index++) {
            const reference_frame *frame = &frames[lane];
            write_number(lanes[lane].bytes + frame->number_offset, frame->number_width, lanes[lane].next++);
            if (redisAppendFormattedCommand(connection->context, lanes[lane].bytes, frame->count) != REDIS_OK) {
                return reference_fail(connection, connection->context->errstr);
            }
            if (--left == 0) {
                lane = (lane + 1) % lane_count;
                left = run;
            }
        }
        if (reference_take_integers(connection, window) != 0) return -1;
        sent += window;
        keep_pace(start, sent, per_second);
    }
    return 0;
}

int reference_blast(
    reference_connection *connection, const reference_frame *frames, int lane_count, int run, long long first,
    long long events, int depth, long long per_second) {
    blast_lane *lanes = calloc((size_t)lane_count, sizeof *lanes);
    int made = 0;
    int result = -1;
    if (lanes != NULL) {
        for (; made < lane_count; made++) {
            lanes[made].next = first;
            lanes[made].bytes = malloc(frames[made].count);
            if (lanes[made].bytes == NULL) break;
            memcpy(lanes[made].bytes, frames[made].bytes, frames[made].count);
        }
    }
    if (lanes == NULL || made < lane_count) {
        connection->failure = "no memory";
    } else {
        result = blast(connection, frames, lanes, lane_count, run, events, depth, per_second);
    }
    while (made > 0) free(lanes[--made].bytes);
    free(lanes);
    return result;
}

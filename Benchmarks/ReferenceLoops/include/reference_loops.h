// What a C programmer writes by hand on hiredis: the loops that Outboard is measured against. Nothing clever, and
// nothing that anybody would leave out: every reply is read and checked, blocking, on one connection of 127.0.0.1.
//
// Functions return 0, or -1 with the reason in `reference_error`.
#ifndef OUTBOARD_REFERENCE_LOOPS_H
#define OUTBOARD_REFERENCE_LOOPS_H

#include <stddef.h>

typedef struct reference_connection reference_connection;

/// One `PUBLISH` as it goes over the wire, and where its event's number stands: a number of fixed width.
typedef struct reference_frame {
    const char *bytes;
    size_t count;
    size_t number_offset;
    size_t number_width;
} reference_frame;

reference_connection *reference_connect(int port);
void reference_close(reference_connection *connection);
const char *reference_error(const reference_connection *connection);

/// Publishes one preformatted command again and again, `depth` commands in flight.
int reference_publish_formatted(
    reference_connection *connection, const char *command, size_t count, long long events, int depth);

/// Publishes by an argument vector, which hiredis formats for each event, `depth` commands in flight.
int reference_publish_argv(
    reference_connection *connection, const char *channel, size_t channel_count, const char *payload,
    size_t payload_count, long long events, int depth);

/// Publishes numbered events over all lanes, `run` on one lane before the next, from `first` on in each; not more than
/// `per_second`, 0 for as fast as Redis takes them.
int reference_blast(
    reference_connection *connection, const reference_frame *lanes, int lane_count, int run, long long first,
    long long events, int depth, long long per_second);

/// Subscribes to channels and waits for each acknowledgement.
int reference_subscribe(reference_connection *connection, const char *const *channels, int count);

/// Takes messages as hiredis makes them and frees them, until there were `events`.
int reference_receive(reference_connection *connection, long long events);

#endif

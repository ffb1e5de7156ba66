#ifndef OUTBOARD_REFERENCE_CONNECTION_H
#define OUTBOARD_REFERENCE_CONNECTION_H

#include "reference_loops.h"

#include <hiredis/hiredis.h>

struct reference_connection {
    redisContext *context;
    const char *failure;
};

/// Reads the answers to `count` commands; each must be an integer.
int reference_take_integers(reference_connection *connection, int count);

/// Notes the reason; always -1.
int reference_fail(reference_connection *connection, const char *reason);

#endif

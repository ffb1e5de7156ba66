#include "connection.h"

#include <string.h>

/// Whether a reply is an array of three that begins with `word`.
static int is_push(const redisReply *reply, const char *word) {
    return reply->type == REDIS_REPLY_ARRAY && reply->elements == 3
           && reply->element[0]->type == REDIS_REPLY_STRING && strcmp(reply->element[0]->str, word) == 0;
}

static int take_pushes(reference_connection *connection, const char *word, long long count) {
    for (long long index = 0; index < count; index++) {
        void *reply = NULL;
        if (redisGetReply(connection->context, &reply) != REDIS_OK) {
            return reference_fail(connection, connection->context->errstr);
        }
        int is_expected = is_push(reply, word);
        freeReplyObject(reply);
        if (!is_expected) return reference_fail(connection, "an unexpected push");
    }
    return 0;
}

int reference_subscribe(reference_connection *connection, const char *const *channels, int count) {
    for (int index = 0; index < count; index++) {
        const char *arguments[] = {"SUBSCRIBE", channels[index]};
        const size_t counts[] = {9, strlen(channels[index])};
        if (redisAppendCommandArgv(connection->context, 2, arguments, counts) != REDIS_OK) {
            return reference_fail(connection, connection->context->errstr);
        }
    }
    return take_pushes(connection, "subscribe", count);
}

int reference_receive(reference_connection *connection, long long events) {
    return take_pushes(connection, "message", events);
}

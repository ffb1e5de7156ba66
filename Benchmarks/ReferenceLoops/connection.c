#include "connection.h"

#include <stdlib.h>

reference_connection *reference_connect(int port) {
    reference_connection *connection = calloc(1, sizeof *connection);
    if (connection == NULL) return NULL;
    connection->context = redisConnect("127.0.0.1", port);
    if (connection->context == NULL) {
        free(connection);
        return NULL;
    }
    if (connection->context->err != 0) connection->failure = connection->context->errstr;
    return connection;
}

void reference_close(reference_connection *connection) {
    redisFree(connection->context);
    free(connection);
}

const char *reference_error(const reference_connection *connection) {
    return connection->failure;
}

int reference_take_integers(reference_connection *connection, int count) {
    for (int index = 0; index < count; index++) {
        void *reply = NULL;
        if (redisGetReply(connection->context, &reply) != REDIS_OK) {
            return reference_fail(connection, connection->context->errstr);
        }
        int type = ((redisReply *)reply)->type;
        freeReplyObject(reply);
        if (type != REDIS_REPLY_INTEGER) return reference_fail(connection, "PUBLISH was not answered by an integer");
    }
    return 0;
}

int reference_fail(reference_connection *connection, const char *reason) {
    connection->failure = reason;
    return -1;
}

// The part of hiredis that Outboard uses: its reply reader, with reply functions of our own. No policy here.
//
// Two readers. One for commands: integers and statuses at the top level are noted without an allocation, everything
// else becomes ordinary hiredis objects. One for subscriptions: nothing is allocated; a message that came whole never
// enters hiredis, of any other the payload is handed out while it still lies in the reader's buffer. Works with hiredis
// 0.14 and 1.x, whose function tables differ.
#ifndef OUTBOARD_CHIREDIS_SHIM_H
#define OUTBOARD_CHIREDIS_SHIM_H

#include <hiredis/hiredis.h>
#include <hiredis/read.h>
#include <stddef.h>
#include <string.h>

/// What a reader tells its owner.
enum ob_kind {
    OB_OBJECT = 0,       // `object` is a hiredis reply; the owner frees nothing
    OB_INTEGER = 1,      // `integer`
    OB_STATUS = 2,       // `text`
    OB_ERROR = 3,        // `text`
    OB_MESSAGE = 4,      // `channel`, `text`
    OB_SUBSCRIBED = 5,   // `channel`
    OB_UNSUBSCRIBED = 6, // `channel`
    OB_OTHER = 7,
    OB_INTEGERS = 8,     // `integer` of them in a row, of those that the owner only counts
};

typedef struct ob_reply {
    enum ob_kind kind;
    const redisReply *object;
    long long integer;
    const char *channel;
    size_t channel_length;
    const char *text;
    size_t text_length;
} ob_reply;

typedef void (*ob_handler)(void *owner, const ob_reply *reply);

enum { OB_CHANNEL_CAPACITY = 512, OB_ELEMENTS_LIMIT = 4 << 20, OB_FEED = 4096, OB_TEXT_LIMIT = 512 << 20 };

typedef struct ob_context {
    void *owner;
    ob_handler handler;
    const redisReplyObjectFunctions *defaults;
    ob_reply noted;
    int is_subscription;
    // How many answers the owner only counts as long as they are integers; it sets this anew whenever it is called.
    long long countable;
    // Integers that were counted and not handed out yet.
    long long counted;
    char text[OB_CHANNEL_CAPACITY];
    char channel[OB_CHANNEL_CAPACITY];
} ob_context;

// Stands for "a reply that is complete and needs no memory". hiredis only asks whether it is NULL.
#define OB_TOKEN ((void *)1)

#if HIREDIS_MAJOR >= 1
typedef size_t ob_elements;
#else
typedef int ob_elements;
#endif

static inline const redisReplyObjectFunctions *ob_default_functions(void) {
    redisReader *reader = redisReaderCreate();
    if (reader == NULL) return NULL;
    const redisReplyObjectFunctions *functions = reader->fn;
    redisReaderFree(reader);
    return functions;
}

static inline void ob_note_text(ob_context *context, enum ob_kind kind, const char *text, size_t length) {
    size_t kept = length < sizeof context->text ? length : sizeof context->text;
    memcpy(context->text, text, kept);
    context->noted.kind = kind;
    context->noted.text = context->text;
    context->noted.text_length = kept;
}

// MARK: Commands

static inline void *ob_command_string(const redisReadTask *task, char *text, size_t length) {
    ob_context *context = task->privdata;
    if (task->parent == NULL && task->type == REDIS_REPLY_STATUS) {
        ob_note_text(context, OB_STATUS, text, length);
        return OB_TOKEN;
    }
    if (task->parent == NULL && task->type == REDIS_REPLY_ERROR) {
        ob_note_text(context, OB_ERROR, text, length);
        return OB_TOKEN;
    }
    return context->defaults->createString(task, text, length);
}

static inline void *ob_command_array(const redisReadTask *task, ob_elements elements) {
    ob_context *context = task->privdata;
    if (elements > OB_ELEMENTS_LIMIT) return NULL;
    return context->defaults->createArray(task, elements);
}

static inline void *ob_command_integer(const redisReadTask *task, long long value) {
    ob_context *context = task->privdata;
    if (task->parent != NULL) return context->defaults->createInteger(task, value);
    context->noted.kind = OB_INTEGER;
    context->noted.integer = value;
    return OB_TOKEN;
}

static inline void *ob_command_nil(const redisReadTask *task) {
    ob_context *context = task->privdata;
    return context->defaults->createNil(task);
}

static inline void ob_command_free(void *object) {
    if (object != OB_TOKEN) freeReplyObject(object);
}

// MARK: Subscriptions

static inline int ob_is(const char *text, size_t length, const char *word) {
    return length == strlen(word) && memcmp(text, word, length) == 0;
}

static inline void *ob_push_string(const redisReadTask *task, char *text, size_t length) {
    ob_context *context = task->privdata;
    ob_reply *noted = &context->noted;
    if (task->parent == NULL) {
        ob_note_text(context, task->type == REDIS_REPLY_ERROR ? OB_ERROR : OB_STATUS, text, length);
    } else if (task->parent->parent == NULL && task->idx == 0) {
        noted->kind = ob_is(text, length, "message")       ? OB_MESSAGE
                      : ob_is(text, length, "subscribe")   ? OB_SUBSCRIBED
                      : ob_is(text, length, "unsubscribe") ? OB_UNSUBSCRIBED
                                                           : OB_OTHER;
    } else if (task->parent->parent == NULL && task->idx == 1) {
        noted->channel_length = length < sizeof context->channel ? length : 0;
        memcpy(context->channel, text, noted->channel_length);
        noted->channel = context->channel;
    } else if (task->parent->parent == NULL && task->idx == 2 && noted->kind == OB_MESSAGE) {
        noted->text = text;
        noted->text_length = length;
        context->handler(context->owner, noted);
        noted->text = NULL;
        noted->text_length = 0;
    }
    return OB_TOKEN;
}

static inline void *ob_push_array(const redisReadTask *task, ob_elements elements) {
    ob_context *context = task->privdata;
    if (elements > OB_ELEMENTS_LIMIT) return NULL;
    if (task->parent == NULL) context->noted.kind = OB_OTHER;
    return OB_TOKEN;
}

static inline void *ob_push_integer(const redisReadTask *task, long long value) {
    ob_context *context = task->privdata;
    if (task->parent == NULL) context->noted.kind = OB_INTEGER;
    context->noted.integer = value;
    return OB_TOKEN;
}

static inline void *ob_push_nil(const redisReadTask *task) {
    ob_context *context = task->privdata;
    if (task->parent == NULL) context->noted.kind = OB_OTHER;
    return OB_TOKEN;
}

static inline void ob_push_free(void *object) { (void)object; }

#if HIREDIS_MAJOR >= 1
// Only RESP3 has these, which is never switched on; a server that sends them all the same gets the connection closed.
static inline void *ob_no_double(const redisReadTask *task, double value, char *text, size_t length) {
    (void)task, (void)value, (void)text, (void)length;
    return NULL;
}
static inline void *ob_no_bool(const redisReadTask *task, int value) {
    (void)task, (void)value;
    return NULL;
}
#endif

// MARK: Readers

static inline redisReader *ob_reader_create(ob_context *context, int is_subscription) {
    static redisReplyObjectFunctions commands = {
        .createString = ob_command_string,
        .createArray = ob_command_array,
        .createInteger = ob_command_integer,
#if HIREDIS_MAJOR >= 1
        .createDouble = ob_no_double,
        .createBool = ob_no_bool,
#endif
        .createNil = ob_command_nil,
        .freeObject = ob_command_free,
    };
    static redisReplyObjectFunctions pushes = {
        .createString = ob_push_string,
        .createArray = ob_push_array,
        .createInteger = ob_push_integer,
#if HIREDIS_MAJOR >= 1
        .createDouble = ob_no_double,
        .createBool = ob_no_bool,
#endif
        .createNil = ob_push_nil,
        .freeObject = ob_push_free,
    };
    context->defaults = ob_default_functions();
    context->is_subscription = is_subscription;
    redisReader *reader = redisReaderCreate();
    if (reader == NULL || context->defaults == NULL) return NULL;
    reader->fn = is_subscription ? &pushes : &commands;
    reader->privdata = context;
    // Zero: the buffer is never given back between replies, which would cost an allocation each time.
    reader->maxbuf = 0;
    return reader;
}

/// Hands out the integers that were counted, in one call.
static inline void ob_flush_counted(ob_context *context) {
    if (context->counted == 0) return;
    ob_reply counted = {.kind = OB_INTEGERS, .integer = context->counted};
    context->counted = 0;
    context->handler(context->owner, &counted);
}

/// Counts an integer if the owner wants no more of it; 1 if it did.
static inline int ob_count(ob_context *context) {
    if (context->noted.kind != OB_INTEGER) return 0;
    // The owner may go on counting with what it asked next.
    if (context->countable == 0) ob_flush_counted(context);
    if (context->countable == 0) return 0;
    context->countable--;
    context->counted++;
    return 1;
}

// MARK: Messages that came whole

// How a message of a subscription begins; its number of channel bytes follows.
static const char ob_message_head[] = "*3\r\n$7\r\nmessage\r\n$";
enum { OB_MESSAGE_HEAD = sizeof ob_message_head - 1 };

/// Whether nothing of a reply is in the reader.
static inline int ob_is_idle(const redisReader *reader) { return reader->ridx == -1 && reader->pos == reader->len; }

/// Reads decimal digits and a line end. Returns the place behind them, or NULL if they are none, too many, or cut short.
static inline const char *ob_take_length(const char *at, const char *end, size_t limit, size_t *length) {
    size_t value = 0;
    const char *first = at;
    while (at < end && *at >= '0' && *at <= '9' && value <= limit) value = value * 10 + (size_t)(*at++ - '0');
    if (at == first || (*first == '0' && at - first > 1) || value > limit || end - at < 2 || at[0] != '\r' || at[1] != '\n') return NULL;
    *length = value;
    return at + 2;
}

/// Hands out the message that begins here, where it lies. Returns its length, or 0 if it is anything else or not all there:
/// then it is the reader's, which sees to all that is rare.
///
/// Nearly everything that a busy subscription is sent is whole messages, and this is a fraction of the reader's work and
/// spares a copy.
static inline size_t ob_take_message(ob_context *context, const char *bytes, size_t length) {
    const char *at = bytes, *end = bytes + length;
    size_t channel_length, text_length;
    if (length < OB_MESSAGE_HEAD || memcmp(at, ob_message_head, OB_MESSAGE_HEAD) != 0) return 0;
    const char *channel = ob_take_length(at + OB_MESSAGE_HEAD, end, OB_CHANNEL_CAPACITY - 1, &channel_length);
    if (channel == NULL || (size_t)(end - channel) < channel_length + 3) return 0;
    at = channel + channel_length;
    if (memcmp(at, "\r\n$", 3) != 0) return 0;
    const char *text = ob_take_length(at + 3, end, OB_TEXT_LIMIT, &text_length);
    if (text == NULL || (size_t)(end - text) < text_length + 2) return 0;
    at = text + text_length;
    if (at[0] != '\r' || at[1] != '\n') return 0;
    ob_reply message = {
        .kind = OB_MESSAGE,
        .channel = channel,
        .channel_length = channel_length,
        .text = text,
        .text_length = text_length,
    };
    context->handler(context->owner, &message);
    return (size_t)(at + 2 - bytes);
}

/// How many bytes to give the reader at once. It moves the rest of its buffer after every kilobyte that it has consumed, so
/// never many; and not beyond the end of the message that it has begun, so that those behind are taken where they lie.
static inline size_t ob_piece(const redisReader *reader, const ob_context *context, const char *bytes, size_t length) {
    size_t piece = length < OB_FEED ? length : OB_FEED;
    if (!context->is_subscription || ob_is_idle(reader)) return piece;
    // In a payload the same bytes may stand, too: then the reader is not idle behind them, and it goes on.
    for (size_t at = 1; at + OB_MESSAGE_HEAD <= piece; at++) {
        const char *next = memchr(bytes + at, ob_message_head[0], piece - at - OB_MESSAGE_HEAD + 1);
        if (next == NULL) break;
        at = (size_t)(next - bytes);
        if (memcmp(next, ob_message_head, OB_MESSAGE_HEAD) == 0) return at;
    }
    return piece;
}

/// Feeds bytes and calls the handler for each reply that becomes complete. Returns 0, or -1 at a protocol violation.
static inline int ob_reader_feed(redisReader *reader, ob_context *context, const char *bytes, size_t length) {
    while (length > 0) {
        if (context->is_subscription && ob_is_idle(reader)) {
            size_t taken = ob_take_message(context, bytes, length);
            bytes += taken;
            length -= taken;
            if (taken > 0) continue;
        }
        size_t piece = ob_piece(reader, context, bytes, length);
        if (redisReaderFeed(reader, bytes, piece) != REDIS_OK) return -1;
        bytes += piece;
        length -= piece;
        // Asked once more, the reader would begin a reply of which nothing has come, and not be idle.
        while (!ob_is_idle(reader)) {
            void *reply = NULL;
            if (redisReaderGetReply(reader, &reply) != REDIS_OK) return -1;
            if (reply == NULL) break;
            if (reply == OB_TOKEN) {
                // A message was handed out inside createString already.
                if (context->noted.kind == OB_MESSAGE || ob_count(context)) continue;
                ob_flush_counted(context);
                context->handler(context->owner, &context->noted);
            } else {
                ob_flush_counted(context);
                ob_reply object = {.kind = OB_OBJECT, .object = reply};
                context->handler(context->owner, &object);
                freeReplyObject(reply);
            }
        }
    }
    ob_flush_counted(context);
    return 0;
}

static inline const char *ob_reader_error(const redisReader *reader) { return reader->errstr; }

#endif

/*
 * Shared delivery of Outboard (docs/protocol.md) as a model for Spin. README.md here says what is abstracted.
 *
 *   publisher ──PUBLISH──▶ inbox[0..R-1] ──▶ replica 0..R-1 ──request──▶ Redis: scripts on the books
 *       └──────record──────────────────────────▲ tail check               └──reply, or none──▲
 *
 * What is checked, in every state that can be reached:
 *   - an event's effects are applied at most once                     (assertion in apply)
 *   - handled + failed + missed + baseline = fence, counters = handled (assertion behind each script)
 *   - a fence never decreases                                          (likewise)
 *   - with -DNO_LOSS: nothing is ever declared missed                  (assertion in declare)
 *   - when nothing more can happen, the fence has reached the record   (the process `end_of_run`)
 *
 * Sizes: R replicas, of which the first H by rank hear; E0 and E1 events of two sources; FAULTS that may happen;
 * STARTS of processes beyond the first ones; BREAKS of the publisher's connection.
 * Mutations, each of which must be found: see run.
 */
#ifndef R
#define R 2
#endif
#ifndef H
#define H 2
#endif
#ifndef E0
#define E0 3
#endif
#ifndef E1
#define E1 0
#endif
#ifndef FAULTS
#define FAULTS 1
#endif
#ifndef STARTS
#define STARTS 1
#endif
#ifndef BREAKS
#define BREAKS 1
#endif
#ifndef NEWCOMERS
#define NEWCOMERS 0    /* replicas that rank first and are not there yet; as many as STARTS allows come */
#endif
#if E1 > 0
#define NS 2
#else
#define NS 1
#endif
#define EVENTS(s) ((s) == 0 -> E0 : E1)
#define BIT(n) (1 << ((n) - 1))
#define AT(i, s) ((i) * NS + (s))
/* A message on the wire: source and number. 0 is a replica's probe to itself. */
#define CODE(s, n) ((s) * 8 + (n))
#define PROBE 0
#define QUEUE ((E0 + E1) * (1 + BREAKS) + 1)
/* The handler throws on the second event of the first source. */
#define FAILS(s, n) ((s) == 0 && (n) == 2)

/* ---- Redis: the books. `next` is fence + 1, 0 where there is no fence. ---- */
byte next[NS], handled[NS], failed[NS], missed[NS], baseline[NS];
byte counted[NS];      /* the counters, one bit an event, so that one that is counted twice is seen */
bit since;             /* the plugin's time has begun */
bit begins_later;      /* the publisher's `started` is later than `since` */

/* ---- The publisher ---- */
byte sent[NS], record[NS];
bit registered, publisher_ended;
byte breaks_left = BREAKS;

/* ---- Replicas ---- */
#define DEAD 0
#define STARTING 1     /* no session: process started, or connection lost */
#define HEARING 2      /* lanes confirmed, TIME taken, not yet a member */
#define RUNNING 3
#define DRAINING 4     /* SIGTERM: lease given up, still hearing */
byte state[R];
bit subscribed[R], lease[R], listed[R], mature[R], stalled[R];
bit earlier[R];        /* its TIME was taken before the publisher registered */
chan inbox[R] = [QUEUE] of { byte };
byte held[R * NS];     /* events received and not known to be dealt with, one bit each */
byte known[R * NS];    /* fence + 1 as this replica believes; 0 = not known, or Redis has none */
byte snapshot[R * NS]; /* records read before the probe that is under way */
byte absent[R * NS];   /* the highest number that is certainly not on its way any more */
bit fences_read[R], probing[R];

/* ---- Requests on their way to Redis: one a replica, and one whose sender is gone or has given up on it ---- */
#define APPLY 1
#define DECLARE 2
byte kind[R + 1], from[(R + 1) * NS], upto[(R + 1) * NS];
#define ORPHAN R

byte faults_left = FAULTS, starts_left = STARTS;
#ifdef SIGTERM
byte terms_left = 1;
#endif

/* Replicas rank by their number: how many with a lease come before i. */
#if R == 1
#define RANK(i) 0
#elif R == 2
#define RANK(i) ((i) > 0 && lease[0])
#else
#define RANK(i) (((i) > 0 && lease[0]) + ((i) > 1 && lease[1]))
#endif

/* Whether replica i is one of the first H and has not listed the lane for one whole lease. */
#define UNSAFE(i) (lease[i] && RANK(i) < H && !(listed[i] && mature[i]))
#if R == 1
#define ANY_UNSAFE UNSAFE(0)
#define ANY_LEASE lease[0]
#define ANY_REQUEST (kind[0] != 0 || kind[ORPHAN] != 0)
#define ANY_DEAD (state[0] == DEAD)
#define ALL_DEAD (state[0] == DEAD)
#elif R == 2
#define ANY_UNSAFE (UNSAFE(0) || UNSAFE(1))
#define ANY_LEASE (lease[0] || lease[1])
#define ANY_REQUEST (kind[0] != 0 || kind[1] != 0 || kind[ORPHAN] != 0)
#define ANY_DEAD (state[0] == DEAD || state[1] == DEAD)
#define ALL_DEAD (state[0] == DEAD && state[1] == DEAD)
#else
#define ANY_UNSAFE (UNSAFE(0) || UNSAFE(1) || UNSAFE(2))
#define ANY_LEASE (lease[0] || lease[1] || lease[2])
#define ANY_REQUEST (kind[0] != 0 || kind[1] != 0 || kind[2] != 0 || kind[ORPHAN] != 0)
#define ANY_DEAD (state[0] == DEAD || state[1] == DEAD || state[2] == DEAD)
#define ALL_DEAD (state[0] == DEAD && state[1] == DEAD && state[2] == DEAD)
#endif

inline forget(i) {
    k = 0;
    do
    :: k < NS -> known[AT(i, k)] = 0; snapshot[AT(i, k)] = 0; absent[AT(i, k)] = 0; k++
    :: else -> break
    od;
    if                                                  /* probes are numbered: one of an earlier session is no answer */
    :: inbox[i] ?? [PROBE] -> inbox[i] ?? PROBE
    :: else
    fi;
    fences_read[i] = 0; probing[i] = 0
}

inline drop_held(i) {
    k = 0;
    do
    :: k < NS -> held[AT(i, k)] = 0; k++
    :: else -> break
    od
}

inline drop_inbox(i) {
    do
    :: len(inbox[i]) > 0 -> inbox[i] ? trash
    :: else -> break
    od;
    trash = 0
}

inline clear_request(i) {
    kind[i] = 0;
    k = 0;
    do
    :: k < NS -> from[AT(i, k)] = 0; upto[AT(i, k)] = 0; k++
    :: else -> break
    od
}

/* The connection of replica i ends: its request never arrives, or arrives late, after its sender read the fences. */
inline abandon_request(i) {
    if
    :: kind[i] != 0 && kind[ORPHAN] == 0 ->
        kind[ORPHAN] = kind[i];
        k = 0;
        do
        :: k < NS -> from[AT(ORPHAN, k)] = from[AT(i, k)]; upto[AT(ORPHAN, k)] = upto[AT(i, k)]; k++
        :: else -> break
        od
    :: true
    fi;
    clear_request(i)
}

/* ---- The scripts. Each is atomic, as in Redis. ---- */

inline check_books(s) {
    assert(next[s] > 0);
    assert(handled[s] + failed[s] + missed[s] + baseline[s] == next[s] - 1);
    n = 1; total = 0;
    do
    :: n <= EVENTS(s) -> total = total + ((counted[s] & BIT(n)) != 0); n++
    :: else -> break
    od;
    assert(total == handled[s]);
    total = 0; n = 0
}

/* scripts/apply.lua: the group as a whole where every fence stands right before its range, else nothing. */
inline run_apply(r) {
    k = 0; fits = 1;
    do
    :: k < NS ->
        if
        :: upto[AT(r, k)] > 0 && next[k] != from[AT(r, k)] -> fits = 0
        :: else
        fi;
        k++
    :: else -> break
    od;
#ifdef BROKEN_FENCE
    fits = 1;
#endif
    k = 0;
    do
    :: k < NS && fits && upto[AT(r, k)] > 0 ->
        n = from[AT(r, k)];
        do
        :: n <= upto[AT(r, k)] ->
            if
            :: FAILS(k, n) -> failed[k]++
            :: else ->
                assert((counted[k] & BIT(n)) == 0);     /* never twice */
                counted[k] = counted[k] | BIT(n);
                handled[k]++
            fi;
            n++
        :: else -> break
        od;
        n = 0;
        next[k] = upto[AT(r, k)] + 1;
        check_books(k);
        k++
    :: k < NS && !(fits && upto[AT(r, k)] > 0) -> k++
    :: k == NS -> break
    od;
    fits = 0; k = 0
}

/* scripts/declare.lua: the hole is missed only if the fence is still the one that was seen. */
inline run_declare(r) {
    k = 0;
    do
    :: k < NS ->
        if
#ifdef OVERWRITE
        :: upto[AT(r, k)] > 0 ->
#else
        :: upto[AT(r, k)] > 0 && next[k] == from[AT(r, k)] ->
#endif
#ifdef NO_LOSS
            assert(false);                              /* nothing may be missed here */
#endif
            missed[k] = missed[k] + (upto[AT(r, k)] + 1 - from[AT(r, k)]);
            next[k] = upto[AT(r, k)] + 1;
            check_books(k)
        :: else
        fi;
        k++
    :: else -> break
    od;
    k = 0
}

/* scripts/admit.lua: a first fence, and a baseline, only where there is none. */
inline run_admit(s, before) {
    if
#ifdef BASELINE_OVERWRITE
    :: true ->
#else
    :: next[s] == 0 ->
#endif
        next[s] = before + 1;
        baseline[s] = before;
        check_books(s)
    :: else
    fi
}

/* What a replica does with the fences in a reply: it goes on behind them. */
inline settle(i, s) {
    known[AT(i, s)] = next[s];
    n = 1;
    do
    :: n < next[s] && n <= EVENTS(s) -> held[AT(i, s)] = held[AT(i, s)] & (255 ^ BIT(n)); n++
    :: else -> break
    od;
    n = 0;
    if
    :: absent[AT(i, s)] < next[s] -> absent[AT(i, s)] = 0
    :: else
    fi;
    if
    :: snapshot[AT(i, s)] < next[s] -> snapshot[AT(i, s)] = 0
    :: else
    fi
}

/* ---- Redis as a process: takes requests in any order. ---- */
active proctype redis() {
    byte k, n, total, r;
    bit fits;
end:
    do
    :: atomic {
        ANY_REQUEST ->
        if
        :: kind[0] != 0 -> r = 0
#if R > 1
        :: kind[1] != 0 -> r = 1
#endif
#if R > 2
        :: kind[2] != 0 -> r = 2
#endif
        :: kind[ORPHAN] != 0 -> r = ORPHAN
        fi;
        if
        :: kind[r] == APPLY -> run_apply(r)
        :: kind[r] == DECLARE -> run_declare(r)
        fi;
        if
        :: r != ORPHAN ->                               /* the reply comes: fences as they are now */
            total = 0;
            do
            :: total < NS ->
                if
                :: upto[AT(r, total)] > 0 -> settle(r, total)
                :: else
                fi;
                total++
            :: else -> break
            od;
            total = 0
        :: r != ORPHAN -> forget(r)                     /* the reply is lost: it believes nothing and reads again */
        :: r == ORPHAN
        fi;
        clear_request(r);
        r = 0; k = 0
    }
    od
}

/* ---- The publisher: numbers in order over one connection, sends again what was not acknowledged. ---- */
inline deliver(s, number) {
    k = 0;
    do
    :: k < R ->
        if
        :: subscribed[k] -> assert(nfull(inbox[k])); inbox[k] ! CODE(s, number)
#ifdef LOSSY
        :: subscribed[k]
#endif
        :: !subscribed[k]
        fi;
        k++
    :: else -> break
    od;
    k = 0
}

#if NS > 1
#define ALL_RECORDED (record[0] == E0 && record[1] == E1)
#else
#define ALL_RECORDED (record[0] == E0)
#endif
#define CAN_SEND(s) (registered && !publisher_ended && sent[s] < EVENTS(s))

proctype publisher() {
    byte k;
    do
    :: atomic {
        !registered ->                                  /* HSETNX started, and zeros for all lanes */
        registered = 1;
        begins_later = since
    }
    :: atomic { CAN_SEND(0) -> sent[0]++; deliver(0, sent[0]) }
    :: atomic { registered && record[0] < sent[0] -> record[0] = sent[0] }
#if NS > 1
    :: atomic { CAN_SEND(1) -> sent[1]++; deliver(1, sent[1]) }
    :: atomic { registered && record[1] < sent[1] -> record[1] = sent[1] }
#endif
    :: atomic {                                         /* what no record counts goes out again, same numbers */
        registered && breaks_left > 0 ->
        breaks_left--;
        sent[0] = record[0];
#if NS > 1
        sent[1] = record[1]
#endif
    }
    :: atomic { breaks_left > 0 -> breaks_left = 0 }
#ifdef MORTAL_PUBLISHER
    :: atomic { registered -> publisher_ended = 1; break }
#endif
    :: atomic { registered && ALL_RECORDED -> publisher_ended = 1; break }
    od
}

/* ---- One replica ---- */

/* The first event that is held, or 0. */
inline first_held(i, s) {
    n = 1;
    do
    :: n <= EVENTS(s) && (held[AT(i, s)] & BIT(n)) == 0 -> n++
    :: n <= EVENTS(s) && (held[AT(i, s)] & BIT(n)) != 0 -> break
    :: n > EVENTS(s) -> n = 0; break
    od
}

/* Writes the run of held events that begins at the fence into the request. */
inline take_run(i, s) {
    n = known[AT(i, s)];
    do
    :: n <= EVENTS(s) && (held[AT(i, s)] & BIT(n)) != 0 -> n++
    :: else -> break
    od;
    from[AT(i, s)] = known[AT(i, s)];
    upto[AT(i, s)] = n - 1;
    n = 0
}

#define HAS_RUN(i, s) (known[AT(i, s)] > 0 && known[AT(i, s)] <= EVENTS(s) && (held[AT(i, s)] & BIT(known[AT(i, s)])) != 0)

/* The end of the hole before the first event that is held, or before the record that was proven; 0 if there is none. */
inline find_hole(i, s) {
    first_held(i, s);
    if
    :: n > 0 && known[AT(i, s)] > 0 && n > known[AT(i, s)] -> hole = n - 1
    :: n == 0 && known[AT(i, s)] > 0 && absent[AT(i, s)] >= known[AT(i, s)] -> hole = absent[AT(i, s)]
    :: else -> hole = 0
    fi;
    n = 0
}

/* Time in one condition: a hole waits 3 s, whoever has what is missing applies it within 2 s. So nobody who is well and
 * connected has an event of the hole, in hand or in the inbox, when the hole is declared. */
inline somebody_has(i, s, last) {
    n = known[AT(i, s)]; other = 0;
    do
    :: n <= last ->
        k = 0;
        do
        :: k < R ->
            if
            :: k != i && state[k] >= HEARING && !stalled[k] && next[s] <= n &&
                ((held[AT(k, s)] & BIT(n)) != 0 || inbox[k] ?? [eval(CODE(s, n))]) -> other = 1
            :: else
            fi;
            k++
        :: else -> break
        od;
        n++
    :: else -> break
    od;
    n = 0; k = 0
}

inline declare_hole(i, s) {
    find_hole(i, s);
    if
    :: hole > 0 ->
#ifndef HASTY
        somebody_has(i, s, hole);
#endif
        if
        :: !other -> kind[i] = DECLARE; from[AT(i, s)] = known[AT(i, s)]; upto[AT(i, s)] = hole
        :: else
        fi
    :: else
    fi;
    other = 0; hole = 0
}

#define WELL(i) (!stalled[i])
#define WORKS(i) (state[i] >= RUNNING && !stalled[i])
#define IDLE(i) (WORKS(i) && kind[i] == 0 && fences_read[i])
#define TAIL_IS_OPEN(i, s) (known[AT(i, s)] > 0 && record[s] >= known[AT(i, s)] && held[AT(i, s)] == 0 && absent[AT(i, s)] < record[s])
#define UNHEARD_RECORD(i, s) (known[AT(i, s)] == 0 && held[AT(i, s)] == 0 && record[s] > 0 && absent[AT(i, s)] < record[s])
#if NS > 1
#define TAIL_IS_UNKNOWN(i) (TAIL_IS_OPEN(i, 0) || UNHEARD_RECORD(i, 0) || TAIL_IS_OPEN(i, 1) || UNHEARD_RECORD(i, 1))
#else
#define TAIL_IS_UNKNOWN(i) (TAIL_IS_OPEN(i, 0) || UNHEARD_RECORD(i, 0))
#endif
#define MAY_NEED_HOLE(i, s) (known[AT(i, s)] > 0 && !HAS_RUN(i, s) && (held[AT(i, s)] != 0 || absent[AT(i, s)] >= known[AT(i, s)]))
#define NEEDS_FENCE(i, s) (known[AT(i, s)] == 0 && (held[AT(i, s)] != 0 || absent[AT(i, s)] > 0))
/* A source whose fence has moved on without us: fences are asked for while something is held. */
#define IS_BEHIND(i, s) (next[s] != known[AT(i, s)] && (held[AT(i, s)] != 0 || absent[AT(i, s)] > 0))
#define HOLDS_NOTHING(i) (held[AT(i, 0)] == 0 && held[AT(i, NS - 1)] == 0 && len(inbox[i]) == 0)

proctype replica(byte i) {
    byte k, n, total, hole, message, other, before, trash;
end:
    do
    /* -- joining: hear first, then be a member -- */
    :: atomic {
        state[i] == STARTING && WELL(i) && RANK(i) < H ->
        subscribed[i] = 1;
        earlier[i] = !registered;                       /* TIME, behind the confirmed subscription */
        state[i] = HEARING
    }
    :: atomic { state[i] == STARTING && WELL(i) && RANK(i) >= H -> state[i] = HEARING; earlier[i] = !registered }
    :: atomic {
        state[i] == HEARING && WELL(i) ->               /* records are read, then scripts/since.lua */
        if
        :: !since ->
            since = 1;
            begins_later = earlier[i];
            k = 0;
            do
            :: k < NS ->
                if
                :: registered && record[k] == 0 && next[k] == 0 -> next[k] = 1; check_books(k)
                :: else
                fi;
                k++
            :: else -> break
            od;
            k = 0
        :: else
        fi;
        earlier[i] = 0;
        state[i] = RUNNING;
        lease[i] = 1;
        listed[i] = subscribed[i]
    }
    /* -- membership -- */
    :: atomic { state[i] == RUNNING && WELL(i) && !lease[i] -> lease[i] = 1 }
    :: atomic { state[i] == RUNNING && WELL(i) && lease[i] && listed[i] && !mature[i] -> mature[i] = 1 }
    :: atomic {
        state[i] == RUNNING && WELL(i) && lease[i] && !subscribed[i] && RANK(i) < H ->
        subscribed[i] = 1; listed[i] = 1
    }
#ifdef LEAVE_AT_ONCE
    :: atomic {
        state[i] == RUNNING && WELL(i) && subscribed[i] && RANK(i) >= H && kind[i] == 0 ->
#else
    :: atomic {
        state[i] == RUNNING && WELL(i) && subscribed[i] && RANK(i) >= H && kind[i] == 0 && HOLDS_NOTHING(i) &&
        !ANY_UNSAFE ->
#endif
        subscribed[i] = 0; listed[i] = 0; mature[i] = 0;
        drop_inbox(i); drop_held(i); probing[i] = 0
    }
    /* -- SIGTERM: the lease ends, hearing goes on until the others have listed the lane, then the last flush -- */
    :: atomic {
#ifdef LEAVE_AT_ONCE
        state[i] == DRAINING && WELL(i) && kind[i] == 0 ->
#else
        state[i] == DRAINING && WELL(i) && kind[i] == 0 && HOLDS_NOTHING(i) && ANY_LEASE && !ANY_UNSAFE ->
#endif
        state[i] = DEAD; subscribed[i] = 0; listed[i] = 0; mature[i] = 0;
        drop_inbox(i); drop_held(i); forget(i)
    }
    /* -- receiving -- */
    :: atomic {
        state[i] >= HEARING && WELL(i) && len(inbox[i]) > 0 ->
        inbox[i] ? message;
        if
        :: message == PROBE ->
            k = 0;
            do
            :: k < NS -> absent[AT(i, k)] = snapshot[AT(i, k)]; snapshot[AT(i, k)] = 0; k++
            :: else -> break
            od;
            k = 0; probing[i] = 0
        :: message != PROBE ->
            k = message / 8; n = message % 8;
            if
            :: known[AT(i, k)] > 0 && n < known[AT(i, k)]
            :: else -> held[AT(i, k)] = held[AT(i, k)] | BIT(n)
            fi;
            k = 0; n = 0
        fi;
        message = 0
    }
    /* -- fences: at the begin of a session, and while something is held -- */
    :: atomic {
        WORKS(i) && kind[i] == 0 && !fences_read[i] ->
        fences_read[i] = 1;
        total = 0;
        do
        :: total < NS -> settle(i, total); total++
        :: else -> break
        od;
        total = 0
    }
    :: atomic { IDLE(i) && IS_BEHIND(i, 0) -> settle(i, 0) }
#if NS > 1
    :: atomic { IDLE(i) && IS_BEHIND(i, 1) -> settle(i, 1) }
#endif
    /* -- effects: one group for all sources, or a source by itself -- */
    :: atomic { IDLE(i) && HAS_RUN(i, 0) -> kind[i] = APPLY; take_run(i, 0) }
#if NS > 1
    :: atomic { IDLE(i) && HAS_RUN(i, 1) -> kind[i] = APPLY; take_run(i, 1) }
    :: atomic { IDLE(i) && HAS_RUN(i, 0) && HAS_RUN(i, 1) -> kind[i] = APPLY; take_run(i, 0); take_run(i, 1) }
#endif
    /* -- holes -- */
    :: atomic { IDLE(i) && MAY_NEED_HOLE(i, 0) -> declare_hole(i, 0) }
#if NS > 1
    :: atomic { IDLE(i) && MAY_NEED_HOLE(i, 1) -> declare_hole(i, 1) }
#endif
    /* -- the tail: records, then a probe behind all that they count -- */
    :: atomic {
        IDLE(i) && subscribed[i] && !probing[i] && TAIL_IS_UNKNOWN(i) ->
        k = 0;
        do
        :: k < NS ->
#ifdef NO_PROBE
            absent[AT(i, k)] = record[k];
#else
            snapshot[AT(i, k)] = record[k];
#endif
            k++
        :: else -> break
        od;
        k = 0;
#ifndef NO_PROBE
        probing[i] = 1;
        inbox[i] ! PROBE
#endif
    }
    /* -- a source without a fence -- */
    :: atomic {
        IDLE(i) && since && NEEDS_FENCE(i, 0) ->
        first_held(i, 0);
        if
        :: begins_later -> before = 0
        :: !begins_later && n > 0 -> before = n - 1
        :: !begins_later && n == 0 -> before = absent[AT(i, 0)]
        fi;
        run_admit(0, before);
        settle(i, 0); before = 0
    }
#if NS > 1
    :: atomic {
        IDLE(i) && since && NEEDS_FENCE(i, 1) ->
        first_held(i, 1);
        if
        :: begins_later -> before = 0
        :: !begins_later && n > 0 -> before = n - 1
        :: !begins_later && n == 0 -> before = absent[AT(i, 1)]
        fi;
        run_admit(1, before);
        settle(i, 1); before = 0
    }
#endif
    od
}

/* ---- What goes wrong ---- */

proctype faults() {
    byte k, i, trash;
end:
    do
    :: atomic {
        faults_left > 0 ->
        i = 0;
        do
        :: i < R - 1 -> i++
        :: break
        od;
        if
        :: state[i] >= HEARING && !stalled[i] ->
            faults_left--;
            if
            :: true ->                                  /* kill -9 */
                abandon_request(i);
                state[i] = DEAD; subscribed[i] = 0; listed[i] = 0; mature[i] = 0; earlier[i] = 0;
                drop_inbox(i); drop_held(i); forget(i)
            :: true ->                                  /* both connections cut: what it holds stays */
                abandon_request(i);
                state[i] = STARTING; subscribed[i] = 0; listed[i] = 0; mature[i] = 0; earlier[i] = 0;
                drop_inbox(i); forget(i)
            :: true -> stalled[i] = 1                   /* SIGSTOP, longer than the lease */
            fi
        :: else
        fi;
        i = 0; k = 0
    }
    /* What may happen need not. */
    :: atomic { faults_left > 0 -> faults_left-- }
    :: atomic { starts_left > 0 -> starts_left-- }
    :: atomic { stalled[0] -> stalled[0] = 0 }
#if R > 1
    :: atomic { stalled[1] -> stalled[1] = 0 }
#endif
#if R > 2
    :: atomic { stalled[2] -> stalled[2] = 0 }
#endif
    /* A lease ends, or its holder is seen to be gone, while it does not renew it. */
    :: atomic { lease[0] && (state[0] < RUNNING || stalled[0]) -> lease[0] = 0 }
#if R > 1
    :: atomic { lease[1] && (state[1] < RUNNING || stalled[1]) -> lease[1] = 0 }
#endif
#if R > 2
    :: atomic { lease[2] && (state[2] < RUNNING || stalled[2]) -> lease[2] = 0 }
#endif
#ifdef BIRTHS
    /* Newcomers that crash at birth: before they have listed their lanes for one whole lease. Never the last replica. */
    :: atomic {
        state[0] >= HEARING && !mature[0] && kind[0] == 0 ->
        state[0] = DEAD; subscribed[0] = 0; listed[0] = 0; earlier[0] = 0;
        drop_inbox(0); drop_held(0); forget(0); k = 0
    }
#endif
#ifdef SIGTERM
    :: atomic {
        terms_left > 0 && state[0] == RUNNING && !stalled[0] ->
        terms_left--; state[0] = DRAINING; lease[0] = 0
    }
    :: atomic { terms_left > 0 -> terms_left-- }
#endif
    /* Starts: newcomers and supervisors. When nobody is left somebody is started again. */
    :: atomic {
        ANY_DEAD && ((starts_left > 0) || ALL_DEAD) ->
        if
        :: starts_left > 0 -> starts_left--
        :: else
        fi;
        if
        :: state[0] == DEAD -> state[0] = STARTING
#if R > 1
        :: state[1] == DEAD -> state[1] = STARTING
#endif
#if R > 2
        :: state[2] == DEAD -> state[2] = STARTING
#endif
        fi
    }
    od
}

/* When nothing can happen any more, everything that a record counts is in the books. */
proctype end_of_run() {
    timeout ->
    assert(publisher_ended);
    assert(record[0] == 0 || next[0] >= record[0] + 1);
    assert(next[0] <= E0 + 1);
#if NS > 1
    assert(record[1] == 0 || next[1] >= record[1] + 1);
    assert(next[1] <= E1 + 1)
#endif
}

init {
    byte i;
    atomic {
#ifdef LATE
        /* The publisher is there first; every replica is a newcomer. */
        skip;
#else
        since = 1;
        i = NEWCOMERS;
        do
        :: i < R ->
            state[i] = RUNNING; lease[i] = 1; fences_read[i] = 1;
            if
            :: i - NEWCOMERS < H -> subscribed[i] = 1; listed[i] = 1; mature[i] = 1
            :: else
            fi;
            i++
        :: else -> break
        od;
        i = 0;
#endif
        run publisher();
        do
        :: i < R -> run replica(i); i++
        :: else -> break
        od;
        i = 0;
        run faults();
        run end_of_run()
    }
}

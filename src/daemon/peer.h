/*
 * What a peer goes through whatever it speaks: the header of a balancer, a TLS handshake, its talk,
 * the last reply on its way out, and the lingering until it has gone. What it says is the business
 * of its protocol, which puts a struct peer at the head of a struct of its own.
 */
#ifndef CALLMX_DAEMON_PEER_H
#define CALLMX_DAEMON_PEER_H

#include "daemon/admission.h"
#include "daemon/connection.h"
#include "daemon/tls.h"

enum peer_state {
    PEER_HEADER,  /* a balancer is to say who it is */
    PEER_SHAKING, /* a TLS handshake is under way */
    PEER_TALKING,
    PEER_FLUSHING,  /* its talk is over; the last replies are on their way out */
    PEER_LINGERING, /* they are out; we wait for the peer to close first */
};

struct peer;

struct peer_protocol {
    void (*admit)(struct peer *peer);   /* who it is is known, and it is TALKING */
    void (*secured)(struct peer *peer); /* a handshake is over, and it is TALKING again */
    void (*input)(struct peer *peer, enum connection_event event); /* while TALKING */
    void (*timer)(struct peer *peer);                              /* the same */
    void (*end)(struct peer *peer); /* it has gone: free what is around it, with peer_clear() */
};

struct peer {
    const struct peer_protocol *protocol;
    struct admission *admission; /* borrowed */
    struct connection *connection;
    struct network *network;   /* NULL until the peer is known */
    struct loop_source *timer; /* for the protocol while TALKING */
    enum peer_state state;
    bool at_end;               /* the peer will send no more */
    size_t unsent;             /* octets when they were looked at last */
    int64_t handshake_timeout; /* seconds, for the header of a balancer, too */
    int64_t flush_timeout; /* seconds in which it must take something of what is still to be sent */
};

/* Monotonic milliseconds. */
int64_t peer_now(void);

/* Takes the connection; protocol, admission and the two times are set. Nothing is called before
 * peer_begin(). */
void peer_init(struct peer *peer, struct loop *loop, struct connection *connection);
void peer_clear(struct peer *peer);

/* Waits for the header of a balancer, or admits the peer at once. */
void peer_begin(struct peer *peer, bool has_header);

/* What was written goes out in the clear, and what comes next is the handshake. */
void peer_start_tls(struct peer *peer, const struct tls *tls);

/* Its talk is over: flush, then linger until the peer has closed, so that it gets the last reply
 * even with bytes of its own still on the way. False: it is gone. */
bool peer_close(struct peer *peer);

/* Whether it has taken anything of what it was sent since this was last asked. */
bool peer_is_reading(struct peer *peer);

/* Whether one more line about what goes wrong with peers of this network may be written; what was
 * left out before is told first. And how that is told: an admission_fn. */
bool peer_may_log(struct network *network);
void peer_log_left_out(const char *network, unsigned count);

#endif

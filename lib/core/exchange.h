/* SPDX-License-Identifier: MIT */
/*
 * exchange.h - the inside of an exchange: one request and its response.
 *
 * Layer L4 fills and empties these structs: request.c and args.c read the request, body.c takes
 * in its body, response.c gathers the answer, output.c gives it to the driver.  Who calls what,
 * and when, is decided above, in dispatch.c.
 */
#ifndef VANE__EXCHANGE_H
#define VANE__EXCHANGE_H

#include <limits.h>

#include <vane/driver.h>
#include <vane/log.h>
#include <vane/request.h>
#include <vane/response.h>

#include "arena.h"
#include "base.h"
#include "buf.h"
#include "form.h"
#include "list.h"
#include "method.h"
#include "score.h"

struct vane__encoder;
struct vane__filters;
struct vane__route;
struct vane__stack;
struct vane__trust;

/* The life of an exchange, in the order in which it happens. */
enum vane__state {
	VANE__IDLE, /* between two requests */
	VANE__BODY, /* routed; the body is being read */
	/* a handler runs, or has deferred its answer; it may read the body itself */
	VANE__HANDLER,
	VANE__SENDING, /* answered; the driver has not taken all of it */
	VANE__ENDED    /* the driver has been told, and may reset it */
};

/* Who reads the request body. */
enum vane__body_way {
	VANE__BODY_OPEN,      /* nobody yet: .prepare may say */
	VANE__BODY_COLLECTED, /* we do, for the handler */
	VANE__BODY_STREAMED   /* the handler does, by vane_request_read() */
};

/* The request body: in memory until it is too large for that, then in a file. */
struct vane__body {
	/* what was read; or, once there is a file, what goes there next */
	struct buf mem;
	int fd;          /* temporary file without a name, -1: none */
	int64_t len;     /* bytes so far */
	int64_t max;     /* bytes allowed */
	int64_t counted; /* bytes among those of all bodies that are collected */
	void *map;       /* the file in memory, when it is whole */
};

/* Who is told of something, once; fn NULL: nobody. */
struct vane__notice {
	vane_notice_fn fn;
	void *data;
};

/* What a handler is called again with, after so long; fn NULL: it does not wait. */
struct vane__wait {
	vane_request_fn fn;
	void *data;
	int64_t msec;
};

/* Some function: where it is matters, and not how it is called. */
typedef void (*vane__code_fn)(void);

/* What an owner keeps with a request. */
struct vane__state_of {
	const void *owner;
	void *state;
	struct vane__state_of *next;
};

struct vane_request {
	struct vane_env env;
	enum vane__method method;
	struct vane_slice route_path; /* decoded, after the mount; NUL stands for "%2F" */
	struct vane_slice mount;
	struct vane_slice query; /* raw; data NULL: none */
	const char *path, *query_text, *target, *host, *server_name, *remote_addr,
		*server_addr;
	const char *id;   /* what the log calls it, NULL: nothing */
	const char *user; /* whose it is, NULL: as the front says */
	/* made when first asked for */
	const char *method_text, *mount_text, *no_timers_text;
	/* repeated fields as one, by the name of their first */
	struct vane__pairs joined;
	struct vane__pairs cookies;
	struct vane__route *route; /* NULL: none matched */
	struct vane__pairs path_args, query_args, form_args;
	bool query_parsed, form_parsed, cookies_parsed;
	bool unlogged; /* it is to have no line in the access log */
	int query_error, form_error;
	const char *query_why, *form_why;       /* in words; NULL: no memory for them */
	bool query_error_told, form_error_told; /* the handler has asked */
	size_t form_bytes;                      /* of a multipart form's texts */
	struct vane_part *parts;
	size_t part_count, part_cap;
	const struct vane__filters *filters; /* those that it passes */
	size_t entered;                      /* so many of them have let it in, */
	size_t to_leave;    /* and so many have not seen its response off yet, */
	bool leaving;       /* or are doing so: they finish nothing */
	bool in_error_page; /* the program writes one */
	struct vane__state_of state;
	const char *last_error;
	/* with .debug: where an error was said first, and the function that was called last */
	const struct vane__stack *stack;
	vane__code_fn called;
	int refused_status;      /* one that a call has told the handler to answer with, */
	const char *refused_why; /* and why; */
	const char *arg_why;     /* the same where it may be shown to the client */
	struct vane__notice on_close, on_body, on_drain;
	bool waiting;           /* for a timer of vane_request_wait(), */
	struct vane__wait wait; /* or, where there are none, for its function to return */
	int64_t waited_msec;    /* so, altogether */
	enum vane__body_way body_way;
	bool body_ended;
	int body_error;         /* what reading it came to, 0: none */
	size_t body_at;         /* of a collected one: read so far */
	struct vane__body body; /* the last: what stands before it is zeroed by a reset */
};

/* A run of response body. */
struct vane__segment {
	enum vane__segment_kind {
		VANE__COPIED, /* bytes of the response's buffer */
		VANE__BORROWED,
		VANE__TAKEN, /* from malloc() */
		VANE__FILE,
		VANE__SOURCE
	} kind;
	struct vane__segment *next;
	const char *data; /* BORROWED, TAKEN: what is left; TAKEN begins at base */
	void *base;
	/* bytes left of what is at hand (SOURCE: in the scratch buffer) */
	size_t len;
	int fd;
	int64_t offset, left; /* FILE */
	struct vane_source source;
};

struct vane_response {
	int status;
	int error; /* the first, 0: none */
	bool head_sent, finished, deferred;
	bool complete; /* no more is to be written, but by filters */
	/* HEAD, and a head with 204 or 304: bytes are counted and dropped */
	bool bodyless;
	bool typed, dated, named; /* has a Content-Type, a Date, a Server */
	bool open_ended;          /* a source of unknown length was written */
	bool dry;                 /* the source that is at hand has nothing now */
	bool raw;                 /* what is written has a head of its own */
	bool lost;   /* the peer is, or what it was to send: no fault of ours */
	bool blamed; /* the log has what went wrong */
	/* what that was, where an errno does not say it; NULL: it does */
	const char *fault;
	/* what is wrong while something that was begun is not ended; NULL: nothing is */
	const char *begun;
	int64_t promised;   /* Content-Length that the handler set, -1: none */
	int64_t written;    /* body bytes so far */
	int64_t taken;      /* of those, by the driver */
	struct buf head;    /* field lines */
	struct buf body;    /* copied bytes that have not been sent */
	size_t sent;        /* of those, given to the driver */
	struct buf scratch; /* what a source or a file gave */
	size_t scratch_at;
	/* functions that the body passes through, and what has come out; NULL: none */
	struct vane__encoder *encoders;
	struct buf encoded;
	size_t encoded_at;
	bool unflushed;    /* they were given some since they were last told to flush */
	bool encode_ended; /* they were told that it is over */
	struct vane__segment first, *segments, *last;
	/* of the arena, used before: streams need no more of it */
	struct vane__segment *spares;
};

/* A timer of a handler.  It lies in the arena. */
struct vane__request_timer {
	struct vane_exchange *x;
	vane_request_fn fn;
	void *data;
	bool goes_on;             /* fn is the handler, who has waited */
	struct vane_timer *timer; /* the loop's, NULL: there is none */
	int64_t due;              /* by the clock of an exchange without a loop */
	struct vane__request_timer *next, **link;
};

struct vane_exchange {
	const struct vane_driver *driver; /* from its start to its end */
	void *carrier;
	struct vane_loop *loop; /* NULL: the mode has none */
	struct vane_app *app;
	const struct vane_app_opts *opts;
	int64_t *all_bodies;             /* bytes that the application has collected */
	const struct vane__trust *trust; /* NULL: nobody is believed */
	enum vane__state state;
	bool running;        /* a function of the handler is on the stack */
	bool malformed;      /* the request was: its connection is not kept */
	bool aborted;        /* the peer is gone: it frees itself, */
	int abort_rc;        /* and the driver is told so */
	struct list left;    /* its place among those of the application */
	bool logged;         /* the access log has its line, and the score has counted it */
	const char *forward; /* where the answer is to come from, NULL: here */
	void (*go_there)(struct vane_exchange *x); /* what does that, where there is one */
	unsigned forwards;
	struct arena arena;
	struct vane_request req;
	struct vane_response res;
	/* request_timer.c's: those that run, in their order where there is no loop, */
	struct vane__request_timer *timers;
	struct vane__request_timer
		*old_timers; /* and those that have run, to be used again */
	int64_t now_msec; /* the clock of one without a loop; whoever carries it moves it on */
	char known_host[64]; /* the last that was well-formed: most are the same */
	size_t known_host_len;
	int64_t began_usec; /* for the access log and the score, 0: there is neither */
};

/*
 * The exchange that the process is at, NULL between two: for the last line of a process.  Who
 * calls into one notes it, and then the one before, as a handler may finish others.
 */
extern struct vane_exchange *vane__exchange_current;

/* The next state: in their order, but that a handler may be asked before the body is read. */
static inline void vane__exchange_set_state(struct vane_exchange *x, enum vane__state state)
{
	assert(state >= x->state || (state == VANE__BODY && x->state == VANE__HANDLER));
	x->state = state;
}

/*
 * exchange_score.c: what the score of this process, which there is, has of exchanges: one is entered,
 * or left for the one before; one has begun, has found its route, and is over, rc as for its driver.
 */
void vane__exchange_score_enter(const struct vane_exchange *x);
void vane__exchange_score_leave(const struct vane_exchange *before);
void vane__exchange_score_begin(struct vane_exchange *x);
void vane__exchange_score_end(const struct vane_exchange *x, int rc);

static inline struct vane_exchange *vane__exchange_enter(struct vane_exchange *x)
{
	struct vane_exchange *before = vane__exchange_current;

	vane__exchange_current = x;
	if (UNLIKELY(vane__score != NULL))
		vane__exchange_score_enter(x);
	return before;
}

static inline void vane__exchange_leave(struct vane_exchange *before)
{
	vane__exchange_current = before;
	if (UNLIKELY(vane__score != NULL))
		vane__exchange_score_leave(before);
}

static inline struct vane_exchange *vane__req_exchange(const struct vane_request *req)
{
	return CONTAINER_OF(
		(struct vane_request *) (uintptr_t) req, struct vane_exchange, req);
}

/* The request, to keep in it what is made when it is first asked for. */
static inline struct vane_request *vane__req_own(const struct vane_request *req)
{
	return &vane__req_exchange(req)->req;
}

static inline struct vane_exchange *vane__res_exchange(const struct vane_response *res)
{
	return CONTAINER_OF(
		(struct vane_response *) (uintptr_t) res, struct vane_exchange, res);
}

/*
 * debug_report.c: an error is being said.  With .debug the calls that led here are kept for the page;
 * those of the first count, as what follows comes of it.
 */
void vane__exchange_keep_stack(struct vane_exchange *x);

/* request.c: understand env.  Returns 0, a status to refuse the request with, or -ENOMEM. */
int vane__request_init(struct vane_exchange *x);

/* request.c: understand req.target, which has taken the place of what was asked.  The same. */
int vane__request_retarget(struct vane_exchange *x);

/* A field by its name in lower case, unjoined: the first; data NULL if there is none. */
struct vane_slice vane__request_find(
	const struct vane_request *req, struct vane_slice name);

/* Text that lives as long as the request; NULL without memory. */
const char *vane__request_text(struct vane_request *req, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/*
 * args_parse.c: the arguments in urlencoded text, appended to out.  As vane__form_parse(), with the reason
 * of -EINVAL and -EMSGSIZE in *why; where is "query" or "form".
 */
int vane__request_parse_args(struct vane_request *req, struct vane__pairs *out,
	struct vane_slice text, const char *where, const char **why);

/* request_form.c: the arguments of the form, which is parsed now if it is here. */
const struct vane__pairs *vane__request_form_args(struct vane_request *req);

/* args.c: the status for a query, or a form, that cannot be read; or -ENOMEM, or 0. */
int vane__request_query_status(const struct vane_request *req, const char **why);
int vane__request_form_status(const struct vane_request *req, const char **why);

/* args.c: the same of both, but for one that the handler has asked about itself. */
int vane__request_args_status(const struct vane_request *req, const char **why);

/* Whether there is such a status. */
static inline bool vane__request_args_wrong(const struct vane_request *req)
{
	return UNLIKELY((req->query_error | req->form_error) != 0) &&
	       ((req->query_error < 0 && !req->query_error_told) ||
		       (req->form_error < 0 && !req->form_error_told));
}

/* Who asks, for the log: an address, "unix:", or "-" where nothing is known. */
const char *vane__request_peer(struct vane_request *req);

/*
 * A part of the request line for a line of the log: "-" if it is not known, and not so much that
 * what stands behind it finds no room, escaped as it may be.
 */
static inline struct vane_slice vane__for_log(struct vane_slice text)
{
	if (text.len == 0)
		return (struct vane_slice) { "-", 1 };
	return (struct vane_slice) { text.data, text.len < 800 ? text.len : 800 };
}

/* request_trace.c: what the log calls a request: its id, or the front's for it; "" for none. */
const char *vane__request_log_id(const struct vane_request *req);

/* request_trace.c: its traceparent, if that is well-formed; else data is NULL. */
struct vane_slice vane__request_traceparent(const struct vane_request *req);

/* request_trace.c: " id 4711 trace 0af7..." for a line of the log, as far as they are known. */
#define VANE__TAG_ROOM 192
const char *vane__request_tag(const struct vane_request *req, char buf[VANE__TAG_ROOM]);

/* request_wait.c: wait that long, or until the client has gone: 0 or -EPIPE. */
int vane__request_wait_here(struct vane_request *req, int64_t msec);

/*
 * Whether text that a function of the request needs is NULL, which is said in the log: the fault is the
 * program's.
 */
static inline bool vane__req_no_text(
	const struct vane_request *req, const char *function, const void *text)
{
	if (LIKELY(text != NULL))
		return false;
	vane_log(VANE_LOG_ERROR, "%s(): NULL in the place of text (%s %s)", function,
		vane_request_method(req), vane_request_path(req));
	return true;
}

/* Remember why a call failed; text is static. */
int vane__request_fail(struct vane_request *req, int rc, const char *text);

/* Remember why the handler is to answer with a status, should it do so.  Returns that. */
int vane__request_refuse(struct vane_request *req, int status, const char *fmt, ...)
	VANE_PRINTF(3, 4);

/* body.c */

/* Prepare for a body of env.body_length and at most max bytes. */
void vane__body_init(struct vane_exchange *x, int64_t max);

/*
 * Read what the driver has.  Returns 1 when the body is whole, 0 if more is to come, a status (413,
 * or 503 where all bodies together are too large) or a negative errno.  With a function, pieces go
 * there, and what it returns other than 0 comes back through rc_out with a return value of 2.
 */
int vane__body_read(struct vane_exchange *x, vane_data_fn fn, int *rc_out);

/* Let go of it, but for so many bytes of memory. */
void vane__body_reset(struct vane_exchange *x, size_t keep);

/* response.c */
void vane__response_init(struct vane_response *res, bool head_method);
void vane__response_reset(struct vane_response *res, size_t keep);

/* A run is over, or will not be sent: let go of it and of what it holds. */
void vane__segment_release(struct vane_response *res, struct vane__segment *segment);

/* A file may have more than memory can: as much of it as a size_t can say. */
static inline size_t vane__as_size(int64_t left)
{
	return (uint64_t) left < SSIZE_MAX ? (size_t) left : SSIZE_MAX;
}

/* Let go of all of them. */
void vane__response_drop(struct vane_response *res);

/* Forget what was written, but for what is on its way: -EALREADY after the head. */
int vane__response_clear(struct vane_response *res);

/*
 * response_head.c: append whole field lines that are known to be well-formed and of which none is acted
 * upon, as Content-Type and Content-Length are: one copy where checking each takes far longer.
 */
int vane__response_add_lines(struct vane_response *res, struct vane_slice lines);

/* Remember the first error; returns it. */
int vane__response_fail(struct vane_response *res, int rc);

/* The driver has failed with rc: its peer is lost.  Returns rc. */
int vane__response_lost(struct vane_response *res, int rc);

/* What goes wrong is ours: remember the first reason, in words, for the log.  Returns rc. */
int vane__response_fault(struct vane_response *res, int rc, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* Whether text that a function of the response needs is NULL: that is the reason, then. */
static inline bool vane__res_no_text(
	struct vane_response *res, const char *function, const void *text)
{
	if (LIKELY(text != NULL))
		return false;
	vane__response_fault(res, -EINVAL, "%s(): NULL in the place of text", function);
	return true;
}

/*
 * output.c: give the driver what there is, the head first.  last: no more will be written, so
 * the length is known.  Returns 1 when all is taken, 0 if the driver is full, or an errno.
 */
int vane__output(struct vane_exchange *x, bool last);

/*
 * segment.c: what is left of a buffer, of which *gone bytes have been given, for the driver: 1 when all
 * of it is taken, 0 if it is full, or an errno.
 */
int vane__segment_send_buf(struct vane_exchange *x, struct buf *buf, size_t *gone);

/* segment.c: give the driver the run.  1 when all is taken, 0 if it is full, or an errno. */
int vane__segment_send(struct vane_exchange *x, struct vane__segment *segment);

/* segment.c: the next bytes of a file into the scratch buffer: 1 or an errno. */
int vane__segment_read(struct vane_response *res, struct vane__segment *segment);

/*
 * segment.c: the next bytes of a source, which is held to the length it gave, into the scratch buffer:
 * 1, 0 at its end, or an errno: -EAGAIN when it has nothing now, and res->dry is set.
 */
int vane__segment_pull(struct vane_response *res, struct vane__segment *segment);

/*
 * segment.c: a source has nothing now.  Where the mode cannot be told when it has, what there is goes
 * out, and one waits before it is asked again: 1.  0 where somebody says when; or an errno.
 */
int vane__segment_await(struct vane_response *res);

/* segment.c: the first run is over. */
void vane__segment_next(struct vane_response *res);

/* encode.c: a complete body that is small: pass it on at once, so that its length is known. */
int vane__encode_whole(struct vane_exchange *x);

/* encode.c: as vane__output(), behind the head, for a body that passes through functions. */
int vane__output_encoded(struct vane_exchange *x, bool last);

#endif

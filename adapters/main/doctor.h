/* SPDX-License-Identifier: MIT */
/*
 * doctor.h - --doctor: what the server in front really sends, what is wrong with its configuration, and
 * the lines that mend it.
 *
 *	doctor.c              a program that is looked at instead of serving
 *	doctor_seen.c         what has arrived of a request, as text and back
 *	doctor_page.c         the handler: it looks, and answers with that text or with a report
 *	doctor_checks.c       the table of checks
 *	doctor_check_*.c      the checks
 *	doctor_front.c        which server that is
 *	doctor_lines.c        the lines that mend its configuration
 *	doctor_report.c       findings in words
 *	doctor_ask.c          an HTTP client that sends what it is told, byte for byte
 *	doctor_url.c          the URL that it asks for
 *	doctor_probes.c       the requests that it sends through the front
 *
 * Every check is a pure function of what was sent, of what has arrived, and of what the program was told.
 * Without a URL it is not known what was sent, and half of them have nothing to say.
 */
#ifndef VANE__DOCTOR_H
#define VANE__DOCTOR_H

#include <vane/handler.h>
#include <vane/types.h>

#include "buf.h"
#include "mode.h"
#include "pages.h"
#include "settings.h"

struct vane__responder_look;
struct vane__run;
struct vane_app_opts;
struct vane__trust;

/* Who asks says so, and which of the probes it is: its secret, a blank, the name. */
#define VANE__DOCTOR_FIELD "X-Vane-Doctor"

/* Servers in front.  Apache's two ways to start a program have directives of their own. */
enum vane__doctor_front {
	VANE__FRONT_UNKNOWN,
	VANE__FRONT_NGINX,
	VANE__FRONT_APACHE,
	VANE__FRONT_FCGID,
	VANE__FRONT_CGID,
	VANE__FRONT_LIGHTTPD,
	VANE__FRONT_CADDY,
	VANE__FRONT_HAPROXY,
	VANE__FRONT_COUNT
};

/* How much a finding matters. */
enum vane__doctor_level {
	VANE__DOCTOR_NOTE, /* it is well to know; with print_config's configurations too */
	VANE__DOCTOR_WRONG /* something does not work, or can be abused */
};

/* What the program was told that a front has to fit to. */
struct vane__doctor_program {
	enum vane__mode mode;
	const char *mount; /* "/app"; "": none */
	bool mount_auto, path_info;
	bool xheaders, forwarded;
	int64_t max_body_bytes; /* VANE_NO_LIMIT: none */
	char place[320]; /* where it listens, "127.0.0.1:8888" or "unix:/run/app.sock" */
};

/* ---- doctor_seen.c ---- */

/* What has arrived: names and values.  "mode", "target", "param REQUEST_URI", "field host" ... */
struct vane__doctor_seen {
	struct buf text; /* values and names, each followed by a NUL */
	struct buf at;   /* where they are */
	size_t count;
};

/* Add one: 0 or -ENOMEM. */
int vane__doctor_seen_add(struct vane__doctor_seen *seen, const char *kind,
	const char *name, const char *value);

/* The last value of that name, NULL: it has not arrived. */
const char *vane__doctor_seen_get(
	const struct vane__doctor_seen *seen, const char *kind, const char *name);

/* The same, and what is empty has not arrived. */
const char *vane__doctor_seen_given(
	const struct vane__doctor_seen *seen, const char *kind, const char *name);

/* As a number; otherwise if it is none. */
int64_t vane__doctor_seen_number(
	const struct vane__doctor_seen *seen, const char *name, int64_t otherwise);

/* Add to a response what can be read back. */
int vane__doctor_seen_write(
	const struct vane__doctor_seen *seen, struct vane_response *res);

/* Read it: 0, -EBADMSG if it is nothing of ours, or -ENOMEM. */
int vane__doctor_seen_read(struct vane__doctor_seen *seen, struct vane_slice text);

void vane__doctor_seen_fini(struct vane__doctor_seen *seen);

/* ---- the checks ---- */

/* What a probe does besides asking, and what it is to find out. */
enum {
	VANE__PROBE_PLAIN = 1 << 0,  /* all the usual fields */
	VANE__PROBE_PATH = 1 << 1,   /* a path with %2F and // */
	VANE__PROBE_FORGED = 1 << 2, /* a client that says who it is */
	VANE__PROBE_POST = 1 << 3,   /* a body with a length */
	VANE__PROBE_CHUNKED = 1 << 4,
	VANE__PROBE_BIG = 1 << 5,   /* a body that comes in two pieces, with a pause */
	VANE__PROBE_LIMIT = 1 << 6, /* one as large as the program allows, announced only */
	VANE__PROBE_STREAM = 1 << 7,  /* an answer in two pieces, with a pause */
	VANE__PROBE_SLOW = 1 << 8,    /* an answer that takes a while */
	VANE__PROBE_MANY = 1 << 9,    /* several at a time */
	VANE__PROBE_KEPT = 1 << 10,   /* one more, for the connection that it comes on */
	VANE__PROBE_PASSIVE = 1 << 11 /* none of ours: nobody knows what was sent */
};

/* What the fields of the usual probe are. */
#define VANE__DOCTOR_AUTHORIZATION "Basic ZG9jdG9yOmRvY3Rvcg==" /* doctor:doctor */
#define VANE__DOCTOR_USER          "doctor"
#define VANE__DOCTOR_COOKIE        "vane-doctor=1"
#define VANE__DOCTOR_PROXY         "http://192.0.2.1/"
#define VANE__DOCTOR_FORGED        "192.0.2.77"
#define VANE__DOCTOR_TYPE          "application/x-vane-doctor"
#define VANE__DOCTOR_BODY          "12345"
#define VANE__DOCTOR_BIG           (1280 * 1024)
#define VANE__DOCTOR_MANY          8

/* How long the pauses are, and what half of one is taken for. */
#define VANE__DOCTOR_PAUSE_MSEC 400
#define VANE__DOCTOR_SLOW_MSEC  1200
#define VANE__DOCTOR_MANY_MSEC  50

/* A request that has been sent, and what came of it. */
struct vane__doctor_case {
	const struct vane__doctor_program *program;
	unsigned probe; /* one of VANE__PROBE_ */
	/* what was sent; NULL or "" if that is not known */
	const char *base;   /* the path at which the application is to be, "/app" or "" */
	const char *target; /* the whole one */
	const char *host;
	bool authorized;    /* Authorization was sent */
	int64_t body_bytes; /* of the body */
	/* what arrived; NULL: it has not */
	const struct vane__doctor_seen *seen;
	const struct vane__doctor_seen *before; /* at the probe before this one */
	/* what was answered */
	int status;          /* 0: nothing was */
	const char *server;  /* the field Server, "" */
	int64_t spread_msec; /* between the first bytes of the body and the last */
	int failed;          /* of several at a time */
	bool mistaken;       /* the program has said that something else is spoken there */
};

enum { VANE__DOCTOR_DETAIL = 400 };

struct vane__doctor_check {
	const char *name;
	enum vane__doctor_level level;
	unsigned probes; /* at which of them it looks */
	/* whether there is something to be said, and what: with what has arrived in it */
	bool (*look)(const struct vane__doctor_case *c, char detail[VANE__DOCTOR_DETAIL]);
	const char *looks_at; /* for documents */
};

/* All of them, up to one without a name. */
extern const struct vane__doctor_check vane__doctor_checks[];

/* ---- doctor_check_vars.c: meta-variables of FastCGI, SCGI and CGI ---- */
bool vane__doctor_params(const struct vane__doctor_case *c, char *detail);
bool vane__doctor_request_method(const struct vane__doctor_case *c, char *detail);
bool vane__doctor_request_uri(const struct vane__doctor_case *c, char *detail);
bool vane__doctor_query_string(const struct vane__doctor_case *c, char *detail);
bool vane__doctor_remote_addr(const struct vane__doctor_case *c, char *detail);
bool vane__doctor_content_type(const struct vane__doctor_case *c, char *detail);
bool vane__doctor_content_length(const struct vane__doctor_case *c, char *detail);
bool vane__doctor_https(const struct vane__doctor_case *c, char *detail);
bool vane__doctor_redirect_status(const struct vane__doctor_case *c, char *detail);
bool vane__doctor_script_filename(const struct vane__doctor_case *c, char *detail);
bool vane__doctor_httpoxy(const struct vane__doctor_case *c, char *detail);
bool vane__doctor_remote_user(const struct vane__doctor_case *c, char *detail);

/* ---- doctor_check_fields.c: fields, and who the client is ---- */
bool vane__doctor_authorization(const struct vane__doctor_case *c, char *detail);
bool vane__doctor_cookie(const struct vane__doctor_case *c, char *detail);
bool vane__doctor_underscore(const struct vane__doctor_case *c, char *detail);
bool vane__doctor_merged(const struct vane__doctor_case *c, char *detail);
bool vane__doctor_host(const struct vane__doctor_case *c, char *detail);
bool vane__doctor_client_address(const struct vane__doctor_case *c, char *detail);
bool vane__doctor_client_scheme(const struct vane__doctor_case *c, char *detail);
bool vane__doctor_xheaders(const struct vane__doctor_case *c, char *detail);
bool vane__doctor_trusted(const struct vane__doctor_case *c, char *detail);
bool vane__doctor_forged(const struct vane__doctor_case *c, char *detail);

/* ---- doctor_check_path.c: where the application is ---- */
bool vane__doctor_doubled_prefix(const struct vane__doctor_case *c, char *detail);
bool vane__doctor_stripped_prefix(const struct vane__doctor_case *c, char *detail);
bool vane__doctor_mount(const struct vane__doctor_case *c, char *detail);
bool vane__doctor_path_info(const struct vane__doctor_case *c, char *detail);
bool vane__doctor_changed_path(const struct vane__doctor_case *c, char *detail);
bool vane__doctor_encoded_slash(const struct vane__doctor_case *c, char *detail);

/* ---- doctor_check_flow.c: connections, bodies, times ---- */
bool vane__doctor_wrong_protocol(const struct vane__doctor_case *c, char *detail);
bool vane__doctor_unreachable(const struct vane__doctor_case *c, char *detail);
bool vane__doctor_elsewhere(const struct vane__doctor_case *c, char *detail);
bool vane__doctor_body_limit(const struct vane__doctor_case *c, char *detail);
bool vane__doctor_body_lost(const struct vane__doctor_case *c, char *detail);
bool vane__doctor_body_buffered(const struct vane__doctor_case *c, char *detail);
bool vane__doctor_chunked(const struct vane__doctor_case *c, char *detail);
bool vane__doctor_buffered(const struct vane__doctor_case *c, char *detail);
bool vane__doctor_timeout(const struct vane__doctor_case *c, char *detail);
bool vane__doctor_pinned(const struct vane__doctor_case *c, char *detail);
bool vane__doctor_http10(const struct vane__doctor_case *c, char *detail);
bool vane__doctor_not_kept(const struct vane__doctor_case *c, char *detail);

/* ---- doctor_front.c ---- */

/* The word of --doctor-front, "nginx"; "" for unknown. */
const char *vane__doctor_front_name(enum vane__doctor_front front);

/* What it is called in words: "Apache with mod_fcgid". */
const char *vane__doctor_front_title(enum vane__doctor_front front);

/* The front of that word; unknown for NULL. */
enum vane__doctor_front vane__doctor_front_named(const char *name);

/* Which front that is, by what has arrived (NULL: nothing) and the answer's Server (NULL: none). */
enum vane__doctor_front vane__doctor_front_find(
	const struct vane__doctor_seen *seen, const char *server);

/* ---- doctor_lines.c ---- */

/* What stands for "{...}" in lines. */
struct vane__doctor_words {
	const struct vane__doctor_program *program;
	const char *base; /* "/app"; NULL or "": the root */
	const char *peer; /* where the front comes from; NULL: nobody knows */
};

/*
 * Append the lines that mend a finding, "\tline: ...", and where each belongs, "\tplace: ..." before it.  False
 * if there is none for that front.
 */
bool vane__doctor_lines(struct buf *out, const char *check, enum vane__doctor_front front,
	const struct vane__doctor_words *words);

/* Whether there is a line for that front. */
bool vane__doctor_has_lines(
	const char *check, enum vane__doctor_front front, enum vane__mode mode);

/* ---- doctor_report.c ---- */

#define VANE__DOCTOR_FINDINGS 48

struct vane__doctor_finding {
	const struct vane__doctor_check *check;
	char detail[VANE__DOCTOR_DETAIL];
};

/* What was found, each check once. */
struct vane__doctor_report {
	struct vane__doctor_finding findings[VANE__DOCTOR_FINDINGS];
	size_t count;
	size_t asked; /* requests looked at */
};

/* Run all checks at a request.  Returns how many findings are new. */
size_t vane__doctor_examine(
	struct vane__doctor_report *report, const struct vane__doctor_case *c);

/* How much a finding matters behind that front: nothing is wrong that no line of it can mend. */
enum vane__doctor_level vane__doctor_weigh(const struct vane__doctor_check *check,
	enum vane__doctor_front front, enum vane__mode mode);

/* How many of them are wrong. */
size_t vane__doctor_wrong(const struct vane__doctor_report *report,
	enum vane__doctor_front front, enum vane__mode mode);

/* Append all in words: what is wrong first.  0 or -ENOMEM. */
int vane__doctor_put(struct buf *out, const struct vane__doctor_report *report,
	enum vane__doctor_front front, const struct vane__doctor_words *words);

/* ---- doctor_page.c ---- */

/* What looks at requests, in place of the program's routes. */
struct vane__doctor {
	const struct vane__settings *settings;
	struct vane__doctor_program program;
	enum vane__doctor_front front; /* as it was said; unknown: it is to be found out */
	bool owned;                    /* the front has started the program */
	char secret[33];               /* of who may see what arrives; "": nobody has one */
	struct vane__pages *pages;     /* they know who may see figures */
	struct vane__trust *trust;     /* the peers that are believed */
	struct vane_route routes[2];
	struct vane__doctor_report report; /* of all requests that were not ours */
	/* of the request that has just come, before it is a request */
	struct vane__responder_look *look;
};

extern const struct vane_handler vane__doctor_handler;

/* As a vane_error_page_fn, for what cannot be understood; data is a struct vane__doctor. */
int vane__doctor_error_page(struct vane_request *req, struct vane_response *res, int status,
	const char *why, void *data);

/* ---- doctor_ask.c ---- */

/* Where to ask. */
struct vane__doctor_url {
	char host[256], port[8];
	char authority[280]; /* for the field Host */
	char base[512];      /* path without a slash at its end, "" for the root */
	char authorization
		[400]; /* of who stands before the host, "Basic ..."; "": nobody */
};

/* Read one: 0, or -EINVAL with *why set. */
int vane__doctor_url_parse(
	struct vane__doctor_url *url, const char *text, const char **why);

/* What is to be sent: bytes, a pause, and bytes. */
struct vane__doctor_ask {
	struct vane_slice head, first, second;
	int pause_msec; /* between them */
	int wait_msec;  /* for an answer */
};

struct vane__doctor_answer {
	int rc;     /* 0, or why there is none: -ECONNREFUSED, -ETIMEDOUT ... */
	int status; /* 0: none */
	char server[80];
	char location[200];
	struct buf body; /* decoded */
	int64_t spread_msec;
};

/* Ask, on a connection of its own. */
void vane__doctor_ask(const struct vane__doctor_url *url,
	const struct vane__doctor_ask *ask, struct vane__doctor_answer *answer);

/* ---- doctor_probes.c ---- */

/*
 * Send all of them through the front and print what is found on standard output.  notice is where the program
 * writes when somebody speaks something else to it (-1: nowhere).  Returns the exit status.
 */
int vane__doctor_probe(
	struct vane__doctor *doctor, const struct vane__doctor_url *url, int notice);

/* ---- doctor.c ---- */

/* Become one that is looked at.  0, or -errno, which is logged. */
int vane__doctor_init(struct vane__doctor *doctor, struct vane__run *run);
void vane__doctor_fini(struct vane__doctor *doctor);

/* The application that takes the place of the program's. */
void vane__doctor_app(struct vane__doctor *doctor, struct vane_app_opts *opts);

/* Whether a URL was given. */
bool vane__doctor_asks(const struct vane__settings *settings);

/* What --doctor was given as: 0, or -EINVAL with *why set. */
int vane__doctor_option(void *data, const char *value, const char **why);

/*
 * Serve by serve(run) in a child, and ask meanwhile.  Returns the exit status.  serve is NULL where the front
 * starts the program.
 */
int vane__doctor_run(struct vane__doctor *doctor, struct vane__run *run,
	int (*serve)(struct vane__run *run));

/* The exit status of one that has looked at what came. */
int vane__doctor_status(const struct vane__doctor *doctor);

#endif

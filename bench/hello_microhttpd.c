/* SPDX-License-Identifier: MIT */
/*
 * hello_microhttpd.c - the peer libmicrohttpd: its epoll loop in one thread of its own.
 */
#include <microhttpd.h>
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static enum MHD_Result hello(void *data, struct MHD_Connection *connection, const char *url,
	const char *method, const char *version, const char *body, size_t *body_len,
	void **state)
{
	static int seen;

	if (*state == NULL) { /* called for the head, and again when the body is complete */
		*state = &seen;
		return MHD_YES;
	}
	return MHD_queue_response(connection, MHD_HTTP_OK, data);
}

int main(int argc, char **argv)
{
	static char text[] = "Hello, World!\n";
	struct sockaddr_in addr = { .sin_family = AF_INET };
	struct MHD_Response *response;
	struct MHD_Daemon *daemon;

	addr.sin_port = htons((in_port_t) strtoul(argc > 1 ? argv[1] : "0", NULL, 10));
	addr.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	response = MHD_create_response_from_buffer(
		sizeof(text) - 1, text, MHD_RESPMEM_PERSISTENT);
	MHD_add_response_header(response, "Content-Type", "text/plain; charset=utf-8");
	daemon = MHD_start_daemon(MHD_USE_EPOLL_INTERNAL_THREAD, 0, NULL, NULL, hello,
		response, MHD_OPTION_SOCK_ADDR, &addr, MHD_OPTION_CONNECTION_LIMIT, 16000U,
		MHD_OPTION_LISTENING_ADDRESS_REUSE, 1U, MHD_OPTION_END);
	if (daemon == NULL) {
		fputs("hello_microhttpd: cannot start\n", stderr);
		return 1;
	}
	for (;;)
		pause();
}

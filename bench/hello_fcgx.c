/* SPDX-License-Identifier: MIT */
/*
 * hello_fcgx.c - the peer plain libfcgi: N processes, each in the usual accept loop.
 *
 * Each process serves one connection at a time, for as long as the front server keeps it.
 */
#include <fcgiapp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <unistd.h>

static void serve(int listener)
{
	FCGX_Request request;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (FCGX_Init() != 0 || FCGX_InitRequest(&request, listener, 0) != 0)
		exit(1);
	while (FCGX_Accept_r(&request) == 0) {
		FCGX_PutS("Content-Type: text/plain; charset=utf-8\r\n"
			  "Content-Length: 14\r\n"
			  "\r\n"
			  "Hello, World!\n",
			request.out);
		FCGX_Finish_r(&request);
	}
	exit(1);
}

int main(int argc, char **argv)
{
	long processes = argc > 2 ? strtol(argv[2], NULL, 10) : 0;
	int listener;

	if (processes < 1) {
		fputs("usage: hello_fcgx SOCKET PROCESSES\n", stderr);
		return 2;
	}
	listener = FCGX_OpenSocket(argv[1], 1024);
	if (listener < 0)
		return 1;
	for (long i = 0; i < processes; i++) {
		if (fork() == 0)
			serve(listener);
	}
	for (;;)
		pause();
}

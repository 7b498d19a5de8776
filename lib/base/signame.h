/* SPDX-License-Identifier: MIT */
/*
 * signame.h - signals by name.
 */
#ifndef VANE__SIGNAME_H
#define VANE__SIGNAME_H

/* "SIGSEGV"; "SIG?" for one that ends no process.  May be called from a signal handler. */
const char *vane__signal_name(int signo);

#endif

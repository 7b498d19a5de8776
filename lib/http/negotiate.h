/* SPDX-License-Identifier: MIT */
/*
 * negotiate.h - content negotiation: which of the offered media types, languages or codings a client
 * likes best, by its Accept fields with their q values (RFC 9110, 12).
 */
#ifndef VANE__NEGOTIATE_H
#define VANE__NEGOTIATE_H

#include "base.h"

/*
 * All take a field's value, with data NULL where the request has none, and offers that end in NULL,
 * the one that the server likes best first.  They return one of the offers, or NULL.
 *
 * An element that is malformed is passed over, and so is what stands behind the first hundred.  A
 * weight may have more digits than three, or none before its dot: clients send such.  Of elements
 * that fit an offer the most exact counts, of equals the one with the higher weight; a weight of 0
 * rules an offer out.
 */

/*
 * The best media type (RFC 9110, 12.5.1), NULL if none will do.  Without a field, or where nothing in
 * it can be read, every type will.
 *
 * A range with parameters fits what is offered with the same ones.  A charset counts only against an
 * offer that names one: "application/json" is what is meant by "application/json; charset=utf-8".
 */
const char *vane__negotiate_type(struct vane_slice accept, const char *const *offers);

/*
 * The best language (RFC 9110, 12.5.4), NULL if none will do; without a field every one will.
 *
 * "de" asks for "de-CH" too (RFC 4647, 3.3.1); and where that is not ruled out, "de-CH" is content
 * with "de" (RFC 4647, 3.4).
 */
const char *vane__negotiate_language(
	struct vane_slice accept_language, const char *const *offers);

/*
 * The best content coding (RFC 9110, 12.5.3), NULL for none: the client wants identity, has ruled out
 * all that is offered, or has not said a word.  "identity" is not among the offers.
 *
 * A coding that is as welcome as identity is taken.  "*" stands for codings that are not named, not
 * for identity; a client that rules out that as well gets it all the same.
 */
const char *vane__negotiate_coding(
	struct vane_slice accept_encoding, const char *const *offers);

#endif

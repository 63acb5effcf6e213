/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any file as an evidence bundle: it is read to its verdict, and a verdict
 * that is not good names what is wrong.
 */
#include <stdlib.h>

#include "evidence/bundle.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	const struct bundle_want want = { 0 };
	struct bundle_report report;
	struct err e;
	FILE *f = n == 0 ? NULL : fmemopen((void *)(uintptr_t)data, n, "r");

	if (f == NULL)
		return 0;
	if (bundle_verify(f, &want, &report, &e) == 0 &&
	    report.good != (report.what[0] == '\0'))
		abort();
	fclose(f);
	return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A provider's declarations as one JSON object: name, help, needs, the
 * schema of its configuration, and its operations with their schemas.
 */
#ifndef WORKER_DESCRIBE_H
#define WORKER_DESCRIBE_H

#include <muster/provider.h>

void describe_provider(struct buf *, const struct muster_provider *);

#endif

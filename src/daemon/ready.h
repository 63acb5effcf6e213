/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tells the service manager that the daemon serves (sd_notify(3): a
 * datagram "READY=1" to the socket named in NOTIFY_SOCKET).
 */
#ifndef DAEMON_READY_H
#define DAEMON_READY_H

void ready_tell(void);

#endif

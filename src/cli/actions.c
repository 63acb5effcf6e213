/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "api/listing.h"
#include "api/status.h"
#include "cli/action.h"
#include "engine/command.h"
#include "model/config.h"
#include "model/event.h"

/* Members of actions that are neither a list's filters nor a command's. */
struct typed {
	const char *id, *file, *feed, *name, *key, *since, *dir, *system, *path,
	    *noun, *verb, *scope, *identity, *event, *effective, *cause, *start,
	    *end, *kind;
	struct json set;
	int64_t run, from, to, dated;
	bool dry_run, follow, sign, man, completion;
};

#define T(m, ...) FIELD(struct typed, m, __VA_ARGS__)

static const struct field id_fields[] = { T(id, F_NEED, .help = "which one"),
	FIELD_END };

static const struct field run_show_fields[] = {
	T(id, F_NEED, .help = "number of the run"),
	T(follow, 0, .help = "go on until it has ended"), FIELD_END
};

static const struct field event_add_typed[] = {
	T(feed, F_NEED, .help = "feed that it comes from"),
	T(file, 0, .help = "JSON objects, or - for the standard input"),
	T(key, 0, .help = "key of whom it is about"),
	T(event, 0, .words = event_kinds, .help = "what happened"),
	T(effective, 0, .help = "when it holds; else now"),
	T(cause, 0, .help = "of an end: voluntary, for_cause, ..."),
	T(start, 0, .help = "new start"), T(end, 0, .help = "new end"),
	T(set, 0, .help = "further members, a JSON object"),
	T(dry_run, 0, .help = "check it and change nothing"), FIELD_END
};

static const struct field feed_load_fields[] = {
	T(feed, F_NEED, .help = "name of the feed"),
	T(file, F_NEED, .help = "the file, or - for the standard input"),
	T(name, 0, .help = "what to call the file in messages"),
	T(dated, F_TIME,
	    .help = "the file's own time; else as the file "
		    "system says"),
	T(dry_run, 0,
	    .help = "check each row and print the bad ones; guards and the "
		    "comparison with the last accepted file are not tried"),
	FIELD_END
};

static const struct field plan_fields_in[] = {
	T(scope, 0, .help = "jq boolean over the identity; all if absent"),
	FIELD_END
};

static const struct field verify_fields[] = {
	T(file, F_NEED, .help = "the bundle, or - for the standard input"),
	T(key, 0, .help = "verifier key that you trust, or a file with it"),
	T(since, 0,
	    .help = "file of an older signed note that it must "
		    "extend"),
	FIELD_END
};

static const struct field export_fields[] = {
	T(file, F_NEED, .help = "where to, or - for the standard output"),
	T(from, 0, .help = "first record"),
	T(to, 0, .help = "record behind the last one"),
	T(run, 0, .help = "only records of this run"),
	T(identity, 0, .help = "only records of this identity"),
	T(kind, 0, .help = "only of this kind, or all that begin with it"),
	T(since, 0, .help = "size of an older checkpoint to prove from"),
	FIELD_END
};

static const struct field checkpoint_fields[] = {
	T(sign, 0, .help = "sign the evidence as it stands first"), FIELD_END
};

static const struct field backup_fields[] = {
	T(path, F_NEED,
	    .help = "file on the daemon's machine, which is not there yet"),
	FIELD_END
};

static const struct field check_fields_in[] = {
	T(dir, 0,
	    .help = "folder of the configuration, instead of the "
		    "installed one"),
	FIELD_END
};

static const struct field provider_fields[] = {
	T(name, F_NEED, .help = "name of the provider"),
	T(verb, 0, .help = "operation whose members to tell instead"), FIELD_END
};

static const struct field schema_fields[] = {
	T(name, 0, .help = "which one; none: list them"),
	T(dir, 0, .help = "write all of them into this folder"), FIELD_END
};

static const struct field help_fields[] = { T(noun, 0, .help = "of what"),
	T(verb, 0, .help = "of which action"),
	T(man, 0, .help = "as a manual page; noun names it"),
	T(completion, 0, .help = "as a bash completion"), FIELD_END };

static const struct field none_fields[] = { FIELD_END };

#define LIST(p) .path = "/v1/" p
#define SHOW(p) .words = "id", .in = id_fields, .path = "/v1/" p "/{id}"

const struct action actions[] = {
	{ "status", .in = none_fields, .run = run_status,
	    .help = "what is open, queued, paused or wrong" },
	{ "whoami", .in = none_fields, .path = "/v1/whoami",
	    .help = "who you are to muster, and your roles" },

	{ "identity", "list", LIST("identities"),
	    .columns = "uid,display,kind,state,username,left_at",
	    .help = "list identities" },
	{ "identity", "show", SHOW("identities"), .run = run_identity_show,
	    .help = "show one and what it has where: by uid, feed key or "
		    "user name" },
	{ "identity", "converge", "identity note?",
	    .command = "identity.converge",
	    .says = "policy is asked about "
		    "{identity}",
	    .help = "ask policy about one now" },
	{ "identity", "protect", "identity note?",
	    .command = "identity.protect", .fixed = "\"on\":true",
	    .says = "{identity} is protected",
	    .help = "let no change touch one" },
	{ "identity", "unprotect", "identity note?",
	    .command = "identity.protect", .fixed = "\"on\":false",
	    .says = "{identity} is not protected any more",
	    .help = "take the protection back" },
	{ "identity", "legal-hold", "identity note?",
	    .command = "identity.legal_hold", .fixed = "\"on\":true",
	    .says = "accounts of {identity} are not deleted",
	    .help = "keep the accounts of one from deletion" },
	{ "identity", "legal-release", "identity note?",
	    .command = "identity.legal_hold", .fixed = "\"on\":false",
	    .says = "the legal hold of {identity} has ended",
	    .help = "end a legal hold" },
	{ "affiliation", "list", LIST("affiliations"),
	    .columns = "id,who,feed,key,kind,unit,starts,ends",
	    .help = "list what ties identities to the organisation" },
	{ "affiliation", "show", SHOW("affiliations"), .help = "show one" },
	{ "account", "list", LIST("accounts"),
	    .columns = "id,who,system,kind,name,want_status,seen_status,"
		       "seen_at",
	    .help = "list accounts" },
	{ "account", "show", SHOW("accounts"),
	    .help = "show one: desired, written and observed" },
	{ "holding", "list", LIST("holdings"),
	    .columns = "id,account,entitlement,state,from,closed,reasons",
	    .help = "list entitlements on accounts" },
	{ "holding", "show", SHOW("holdings"), .help = "show one" },
	{ "name", "list", LIST("names"),
	    .columns = "space,name,who,state,until",
	    .help = "list login names that are taken or at rest" },

	{ "feed", "list", .in = none_fields, LIST("feeds"),
	    .row = feed_def_fields, .columns = "feed,format,as,path,zone",
	    .help = "list the configured feeds" },
	{ "feed", "show", SHOW("feeds"), .row = feed_def_fields,
	    .help = "show one" },
	{ "feed", "load", "feed file", feed_load_fields, .run = run_feed_load,
	    .help = "hand a file to a feed; with --wait until it is accepted, "
		    "held or refused: what its rows begin goes on" },
	{ "load", "list", LIST("loads"),
	    .columns = "id,feed,place,state,rows,bad,events,hold,began",
	    .help = "list readings of feed files" },
	{ "load", "show", SHOW("loads"), .run = run_load_show,
	    .help = "show one, and its bad rows" },
	{ "load", "errors", "load?", LIST("bad_rows"),
	    .columns = "load,feed,place,key,reason",
	    .help = "list rows that were set aside" },
	{ "event", "list", LIST("events"),
	    .columns = "id,source,kind,key,who,state,effective",
	    .help = "list what happened outside" },
	{ "event", "show", SHOW("events"), .help = "show one" },
	{ "event", "add", "feed file?", event_add_typed, .run = run_event_add,
	    .help = "tell muster what happened: from a file of JSON, or by "
		    "options" },

	{ "run", "list", LIST("runs"),
	    .columns = "id,who,workflow,class,state,open_steps,requested",
	    .help = "list executions of workflows" },
	{ "run", "show", "id", run_show_fields, .run = run_run_show,
	    .help = "show one as a timeline" },
	{ "run", "start", "workflow identity?", .command = "run.start",
	    .run = run_run_start, .help = "start a workflow by hand" },
	{ "run", "retry", "id note?", .command = "run.retry",
	    .says = "run {run} goes on",
	    .help = "go on from the step that failed" },
	{ "run", "cancel", "id note?", .command = "run.cancel",
	    .says = "run {run} is cancelled",
	    .help = "end a run that takes no access away" },
	{ "step", "list", LIST("steps"),
	    .columns = "id,run,name,system,verb,who,state,tries,error",
	    .help = "list the units of runs" },
	{ "step", "show", SHOW("steps"), .help = "show one" },
	{ "case", "list", LIST("cases"),
	    .columns = "id,kind,what,owner,state,deadline",
	    .help = "list what waits for a person" },
	{ "case", "show", SHOW("cases"), .help = "show one and its choices" },
	{ "case", "answer", "id answer note?", .command = "case.answer",
	    .says = "case {case} is answered", .help = "decide one" },
	{ "hold", "list", LIST("holds"),
	    .columns = "id,kind,subject,state,reason,opened",
	    .help = "list changes that a guard stopped" },
	{ "hold", "show", SHOW("holds"), .help = "show one" },
	{ "hold", "release", "id note?", .command = "hold.release",
	    .says = "hold {id} is {state}",
	    .help = "let a held change happen" },
	{ "hold", "reject", "id note?", .command = "hold.reject",
	    .says = "hold {id} is {state}", .help = "drop a held change" },
	{ "debt", "list", LIST("debts"),
	    .columns = "id,who,system,verb,what,tries,since,settled,error",
	    .help =
		"list removals that were not verified in time; --state open: "
		"and are not yet" },
	{ "debt", "show", SHOW("debts"), .help = "show one" },

	{ "plan", NULL, "scope?", plan_fields_in, .run = run_plan,
	    .help = "compute what would change, and print it" },
	{ "plan", "list", LIST("plans"),
	    .columns = "id,state,digest,counts,as_of,expires",
	    .help = "list plans" },
	{ "plan", "show", "id", id_fields, .run = run_plan_show,
	    .help = "print one, by number or digest" },
	{ "plan", "items", "plan?", LIST("items"),
	    .columns = "id,plan,who,system,verb,name,entitlement,state",
	    .help = "list the changes that plans are made of" },
	{ "plan", "cancel", "id note?", .command = "plan.cancel",
	    .says = "plan {plan} is cancelled", .help = "drop a plan" },
	{ "apply", NULL, "digest note?", .command = "plan.apply",
	    .run = run_apply,
	    .help = "carry out exactly one plan, but for what moved since" },
	{ "reconcile", NULL, "system?", .command = "reconcile.start",
	    .run = run_reconcile,
	    .help = "compare the ledger with the systems" },
	{ "scan", "list", LIST("scans"),
	    .columns = "id,system,state,rows,drift,missing,unknown,repaired,"
		       "began",
	    .help = "list readings of systems" },
	{ "scan", "show", SHOW("scans"), .help = "show one" },
	{ "finding", "list", LIST("findings"),
	    .columns = "id,scan,system,kind,subject,detail",
	    .help = "list what reconcile found" },
	{ "finding", "show", SHOW("findings"), .help = "show one" },

	{ "system", "list", .in = none_fields, LIST("systems"),
	    .row = system_view_fields,
	    .columns = "system,provider,mode,breaker,paused,workers,calls",
	    .help = "list the configured systems" },
	{ "system", "show", SHOW("systems"), .row = system_view_fields,
	    .help = "show one" },
	{ "system", "pause", "system note?", .command = "system.pause",
	    .says = "{system} is paused: only revocations go on",
	    .help = "stop all but revocations on one" },
	{ "system", "resume", "system note?", .command = "system.resume",
	    .says = "{system} goes on", .help = "take a pause back" },
	{ "system", "reset", "system note?", .command = "system.reset",
	    .says = "{system} is tried again now",
	    .help = "close the breaker of one, and try what failed there "
		    "again now, debts too" },
	{ "freeze", "on", "note?", .command = "freeze", .fixed = "\"on\":true",
	    .says = "frozen: only revocations and "
		    "leavers go on",
	    .help = "stop all but revocations everywhere" },
	{ "freeze", "off", "note?", .command = "freeze",
	    .fixed = "\"on\":false", .says = "everything goes on",
	    .help = "take a freeze back" },
	{ "waiver", "add", "scope reason expires", .command = "waiver.add",
	    .says = "waiver {waiver} holds",
	    .help = "let a finding stay for a time" },
	{ "waiver", "list", LIST("waivers"),
	    .columns = "id,scope,reason,approver,expires",
	    .help = "list findings that may stay" },
	{ "waiver", "show", SHOW("waivers"), .help = "show one" },
	{ "waiver", "drop", "id note?", .command = "waiver.drop",
	    .says = "waiver {id} has ended", .help = "end a waiver" },
	{ "role", "list", .in = none_fields, LIST("roles"),
	    .row = role_def_fields, .columns = "role,when,overlap",
	    .help = "list the roles of the policy" },
	{ "role", "show", SHOW("roles"), .row = role_def_fields,
	    .help = "show one" },
	{ "workflow", "list", .in = none_fields, LIST("workflows"),
	    .row = workflow_def_fields,
	    .columns = "workflow,on,class,retention",
	    .help = "list the workflows" },
	{ "workflow", "show", SHOW("workflows"), .row = workflow_def_fields,
	    .help = "show one" },
	{ "notice", "list", LIST("notices"),
	    .columns = "id,channel,kind,subject,state,tries,created",
	    .help = "list messages to people" },
	{ "notice", "show", SHOW("notices"), .help = "show one" },

	{ "evidence", "list", LIST("records"),
	    .columns = "seq,at,kind,subject,who",
	    .help = "list records, newest first" },
	{ "evidence", "show", SHOW("records"), .help = "show one" },
	{ "evidence", "export", "file", export_fields, .run = run_export,
	    .help = "write a bundle that verifies offline" },
	{ "evidence", "verify", "file", verify_fields, .run = run_verify,
	    .help = "verify a bundle, without musterd" },
	{ "evidence", "checkpoint", .in = checkpoint_fields,
	    .run = run_checkpoint, .help = "print the newest signed note" },
	{ "evidence", "key", .in = none_fields, .run = run_key,
	    .help = "print the verifier key" },
	{ "evidence", "rekey", .command = "evidence.rekey",
	    .says = "signed by {key} from now on",
	    .help = "sign with a new key from now on" },

	{ "provider", "list", .in = none_fields, .run = run_provider_list,
	    .help = "list the installed providers" },
	{ "provider", "show", "name verb?", provider_fields,
	    .run = run_provider_show,
	    .help = "print what one takes and can do" },
	{ "check", NULL, "dir?", check_fields_in, .run = run_check,
	    .help = "check a configuration, without musterd" },
	{ "schema", NULL, "name?", schema_fields, .run = run_schema,
	    .help = "print the JSON Schema of a configuration file" },
	{ "backup", NULL, "path", backup_fields, .path = "/v1/backup",
	    .run = run_tell, .says = "the store is copied to {path}",
	    .help = "copy the live store" },
	{ "reload", .in = none_fields, .path = "/v1/reload", .run = run_tell,
	    .says = "definitions {digest} hold from now on",
	    .help = "read the configuration again" },
	{ "restore", "accept", "note?", .command = "restore.accept",
	    .fixed = "\"id\":0",
	    .says = "accepted: each system is only "
		    "observed until its reconcile, which begins now, is whole",
	    .help = "go on from a restored backup" },
	{ "help", NULL, "noun? verb?", help_fields, .run = run_help,
	    .help = "say what there is and how it is used" },
	{ NULL }
};

static const struct listing *
listing_of(const struct action *a)
{
	if (a->path == NULL || strncmp(a->path, "/v1/", 4) != 0)
		return NULL;
	return listing_find(a->path + 4, strcspn(a->path + 4, "/"));
}

const struct field *
action_in(const struct action *a)
{
	const struct command *c;
	const struct listing *l;

	if (a->in != NULL)
		return a->in;
	if (a->command != NULL && (c = command_find(a->command)) != NULL)
		return c->in;
	if ((l = listing_of(a)) != NULL)
		return l->filters;
	return none_fields;
}

bool
action_takes(const struct action *a, const struct field *f)
{
	size_t n = strlen(f->name);

	for (const char *at = a->fixed;
	     at != NULL && (at = strchr(at, '"')) != NULL; at++)
		if (strncmp(at + 1, f->name, n) == 0 && at[n + 1] == '"')
			return false;
	return true;
}

struct asking {
	const struct field *f;
	bool yes;
};

static void
word_is(void *ctx, const char *name, size_t n, bool optional)
{
	struct asking *w = ctx;

	(void)optional;
	if (strlen(w->f->name) == n && memcmp(w->f->name, name, n) == 0)
		w->yes = true;
}

bool
action_has_word(const struct action *a, const struct field *f)
{
	struct asking w = { f, false };

	action_words(a, word_is, &w);
	return w.yes;
}

const struct field *
action_row(const struct action *a)
{
	const struct listing *l = listing_of(a);

	return a->row != NULL ? a->row : l == NULL ? NULL : l->row;
}

const struct action *
action_find(int argc, char **argv, int *used)
{
	const struct action *alone = NULL, *list = NULL;

	*used = 0;
	if (argc < 1)
		return NULL;
	for (const struct action *a = actions; a->noun != NULL; a++) {
		if (strcmp(a->noun, argv[0]) != 0)
			continue;
		if (a->name == NULL)
			alone = a;
		else if (argc > 1 && strcmp(a->name, argv[1]) == 0)
			return *used = 2, a;
		else if (strcmp(a->name, "list") == 0)
			list = a;
	}
	/* "muster run" lists runs; "muster run --state open" too. */
	if (alone == NULL && (argc == 1 || strncmp(argv[1], "--", 2) == 0))
		alone = list;
	*used = alone == NULL ? 0 : 1;
	return alone;
}

void
action_words(const struct action *a,
    void (*each)(void *ctx, const char *name, size_t n, bool optional),
    void *ctx)
{
	const char *w = a->words == NULL ? "" : a->words;

	while (*w != '\0') {
		size_t n = strcspn(w, " ?");
		bool optional = w[n] == '?';

		each(ctx, w, n, optional);
		w += n + (optional ? 1 : 0);
		w += *w == ' ';
	}
}

// The verdict that counts, in SQL: what somebody says, else what the background found. For queries that read `job`.

import { sql } from 'kysely'

/** none, suspected, infrastructure; NULL: none, and it was no mass failure. */
export const verdictOfJob = sql<string | null>`coalesce(
  (SELECT verdict FROM set_verdict WHERE set_verdict.job = job.number),
  (SELECT verdict FROM job_verdict WHERE job_verdict.job = job.number))`

/** 1: the failures of the job are the fault of the host or the lab. */
export const isInfrastructure = sql<number>`CASE WHEN ${verdictOfJob} = 'infrastructure' THEN 1 ELSE 0 END`

/** 1: it is infrastructure, or it recovered. It is not the last run of anything then, and its failures are no flakes. */
export const isRecovered = sql<number>`coalesce(
  (SELECT CASE WHEN verdict = 'infrastructure' THEN 1 ELSE 0 END FROM set_verdict WHERE set_verdict.job = job.number),
  (SELECT CASE WHEN recovered = 1 OR verdict = 'infrastructure' THEN 1 ELSE 0 END FROM job_verdict WHERE job_verdict.job = job.number), 0)`

// What people say of a job. It counts more than what the background found, and stays until somebody takes it back.

import type { Actor } from '../../audit/log'
import { record } from '../../audit/log'
import { DomainError } from '../../lib/errors'
import type { Microseconds } from '../../lib/time'
import { requireJob } from '../../results/core/job-reference'
import { defineWrite } from '../../storage/database'
import { excluded } from '../../storage/excluded'
import { type Connection, query, tables } from '../../storage/query'
import { verdictChanged } from './background'

/** What somebody may say: the suspicion is the server's. */
export const setVerdicts = ['infrastructure', 'none'] as const
export type SetVerdict = (typeof setVerdicts)[number]

const byJob = query<{ job: number }>()((param) =>
  tables
    .selectFrom('set_verdict')
    .innerJoin('user', 'user.id', 'set_verdict.user')
    .select(['set_verdict.verdict', 'set_verdict.comment', 'set_verdict.at', 'user.username as by'])
    .where('set_verdict.job', '=', param('job')),
)
const put = query<{ job: number; verdict: SetVerdict; user: number; comment: string; at: Microseconds }>()(
  (param) =>
    tables
      .insertInto('set_verdict')
      .values({
        job: param('job'),
        verdict: param('verdict'),
        user: param('user'),
        comment: param('comment'),
        at: param('at'),
      })
      .onConflict((conflict) =>
        conflict.column('job').doUpdateSet(excluded('verdict', 'user', 'comment', 'at')),
      ),
)
const remove = query<{ job: number }>()((param) =>
  tables.deleteFrom('set_verdict').where('job', '=', param('job')),
)

/** What somebody said of a job; undefined: nobody did. */
export function findSetVerdict(connection: Connection, job: number) {
  return connection.first(byJob, { job })
}

interface Target {
  job: number
  jobId: string
  actor: Actor
}

/** Notes what somebody says of a job. @throws NotFound */
export const setVerdict = defineWrite(
  'setVerdict',
  async (
    connection,
    {
      job,
      jobId,
      actor,
      verdict,
      comment,
      user,
    }: Target & { verdict: SetVerdict; comment: string; user: number },
  ): Promise<void> => {
    await requireJob(connection, job)
    const before = await findSetVerdict(connection, job)
    await connection.run(put, { job, verdict, user, comment, at: actor.at })
    if (before?.verdict !== verdict) await verdictChanged(connection, job)
    connection.markChanged('job', job)
    await record(
      connection,
      actor,
      'verdict-set',
      `job ${jobId}`,
      comment === '' ? verdict : `${verdict}: ${comment}`,
    )
  },
)

/** Takes back what somebody said: what the background found counts again. @throws NotFound; DomainError: nobody did */
export const takeBackVerdict = defineWrite(
  'takeBackVerdict',
  async (connection, { job, jobId, actor }: Target): Promise<void> => {
    await requireJob(connection, job)
    const before = await findSetVerdict(connection, job)
    if (!before) {
      throw new DomainError('not_found', {
        detail: 'Nobody has set a verdict on this job: there is nothing to take back.',
      })
    }
    await connection.run(remove, { job })
    await verdictChanged(connection, job)
    await record(
      connection,
      actor,
      'verdict-taken-back',
      `job ${jobId}`,
      `${before.verdict}, set by ${before.by}`,
    )
  },
)

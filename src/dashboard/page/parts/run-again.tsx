// Commands that run a job, or its failed tests, once more.

import { useEffect, useState } from 'preact/hooks'
import { fetchOk, getAll, type Job, type WholeTest } from '../api'
import { parsePythonList, quoteForShell } from '../command'
import { Command } from './copy'
import { shortId } from './job-table'

/** A command with more names would be too long to paste. */
const MAX_NAMES = 200

export function RunAgain({ job }: { job: Job }) {
  const [commandLine, setCommandLine] = useState<string[]>()
  const [failed, setFailed] = useState<string[]>([])
  useEffect(() => {
    const controller = new AbortController()
    const { signal } = controller
    // A job that was sent without its files has no command line.
    fetchOk(`/jobs/${job.id}/files/jobdata/cmdline`, { signal })
      .then(async (response) => setCommandLine(parsePythonList(await response.text())))
      .catch(() => {})
    getAll<Pick<WholeTest, 'name'>>(`/jobs/${job.id}/tests/?include=details&status=FAIL,ERROR`, signal)
      .then((tests) => setFailed([...new Set(tests.map(({ name }) => name))]))
      .catch(() => {})
    return () => controller.abort()
  }, [job.id])
  return (
    <div class="panel-body stack">
      {commandLine && (
        <section class="stack">
          <h2>The same command</h2>
          <Command text={commandLine.map(quoteForShell).join(' ')} />
        </section>
      )}
      <section class="stack">
        <h2>On the machine that ran it</h2>
        <Command text={`avocado replay ${shortId(job.id)}`} />
      </section>
      {failed.length > 0 && (
        <section class="stack">
          <h2>What failed, by name</h2>
          <Command text={`avocado run ${failed.slice(0, MAX_NAMES).map(quoteForShell).join(' ')}`} />
          {failed.length > MAX_NAMES && <p class="muted">The first {MAX_NAMES} of them.</p>}
        </section>
      )}
    </div>
  )
}

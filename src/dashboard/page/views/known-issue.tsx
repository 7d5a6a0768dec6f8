// One known issue: its rule, its state, and the failures that it matches.

import { useState } from 'preact/hooks'
import { useLocation, useRoute } from 'preact-iso'
import { paths, useQuery } from '../address'
import { type IncidentPage, type KnownIssue as Issue, send, type WholeKnownIssue } from '../api'
import { formatCount, formatCounted, formatDate, now } from '../format'
import { KnownIssueForm } from '../known-issues/form'
import { IncompleteNote } from '../parts/incomplete'
import { Empty, Loaded } from '../parts/notice'
import { pageParameters, usePager } from '../parts/pager'
import { Status } from '../parts/status'
import { useAnalysis } from '../resource'
import { canDecide } from '../session'
import { statusOf } from '../statuses'
import { hostText } from '../strips/names'
import { useTitle } from '../title'
import { ruleText, stateWords } from './known-issues'

const PAGE_SIZE = 50

export function KnownIssue() {
  const { id = '' } = useRoute().params
  const { query } = useQuery()
  const issue = useAnalysis<WholeKnownIssue>(`/known-issues/${encodeURIComponent(id)}/`)
  const incidents = useAnalysis<IncidentPage>(
    `/known-issues/${encodeURIComponent(id)}/incidents/?${pageParameters(query, PAGE_SIZE)}`,
  )
  useTitle(issue.data ? issue.data.report_subject || issue.data.report_url : 'Known issue')
  return (
    <Loaded resource={issue} height="60vh" missing="There is no such known issue: it may have been deleted.">
      {(data) => (
        <>
          <Head
            issue={data}
            onDone={() => {
              issue.reload()
              incidents.reload()
            }}
          />
          <IncompleteNote incomplete={data.incomplete} />
          <Incidents list={incidents} />
        </>
      )}
    </Loaded>
  )
}

function Head({ issue, onDone }: { issue: Issue; onDone: () => void }) {
  const { route } = useLocation()
  const [isEditing, setEditing] = useState(false)
  const [isDeleting, setDeleting] = useState(false)
  const [failure, setFailure] = useState<string>()
  const remove = () =>
    send('DELETE', `/known-issues/${issue.id}/`).then(
      () => route(paths.knownIssues),
      (error: Error) => setFailure(error.message),
    )
  const day = (time: string | null) => (time === null ? 'never' : formatDate(time, now.value))
  const facts: [string, string][] = [
    ['State', stateWords[issue.state] + (issue.resolved ? ` since ${day(issue.resolved)}` : '')],
    ['Failures', `${formatCount(issue.incidents)} in ${formatCounted(issue.tests, 'test')}`],
    ['First', day(issue.first)],
    ['Last', day(issue.last)],
    ...(issue.regressed ? ([['Came back', day(issue.regressed)]] as [string, string][]) : []),
    ...(issue.expires ? ([['Expires', day(issue.expires)]] as [string, string][]) : []),
    ['Added', `${day(issue.created)}${issue.created_by ? ` by ${issue.created_by}` : ''}`],
  ]
  return (
    <>
      <ol class="crumbs">
        <li>
          <a href={paths.knownIssues}>Known issues</a>
        </li>
        <li>{issue.id}</li>
      </ol>
      <div class="view-head">
        <h1>{issue.report_subject || issue.report_url}</h1>
        {canDecide.value && !isEditing && (
          <span class="head-action">
            <button type="button" onClick={() => setEditing(true)}>
              Change
            </button>{' '}
            <button type="button" onClick={() => (isDeleting ? remove() : setDeleting(true))}>
              {isDeleting ? 'Delete for good' : 'Delete'}
            </button>
          </span>
        )}
      </div>
      {failure && <p role="alert">{failure}</p>}
      <section class="panel panel-body known-issue" aria-label="What is known">
        {isEditing ? (
          <KnownIssueForm
            issue={issue}
            onDone={() => {
              setEditing(false)
              onDone()
            }}
            cancel={() => setEditing(false)}
          />
        ) : (
          <>
            {issue.report_url !== '' && (
              <p>
                <a href={issue.report_url} rel="noreferrer">
                  {issue.report_url}
                </a>
              </p>
            )}
            <p class="muted wrap-text">{ruleText(issue)}</p>
            {issue.comment !== '' && <p class="comment-text">{issue.comment}</p>}
            <dl class="facts facts-line">
              {facts.map(([name, value]) => (
                <div key={name}>
                  <dt>{name}</dt>
                  <dd>{value}</dd>
                </div>
              ))}
            </dl>
          </>
        )}
      </section>
    </>
  )
}

function Incidents({ list }: { list: ReturnType<typeof useAnalysis<IncidentPage>> }) {
  const pager = usePager(PAGE_SIZE)
  return (
    <section class="panel" aria-label="Failures" data-stale={list.fresh ? undefined : true}>
      <Loaded resource={list} height="40vh">
        {({ count, results }) =>
          results.length === 0 ? (
            <Empty>
              <p>It matches no failure of the newest 1,000 runs of each test.</p>
            </Empty>
          ) : (
            <>
              <table class="cards">
                <caption class="visually-hidden">Failures that it matches</caption>
                <thead>
                  <tr>
                    <th scope="col">Test</th>
                    <th scope="col" class="col-state">
                      Status
                    </th>
                    <th scope="col" class="col-hosts">
                      Host
                    </th>
                    <th scope="col" class="col-time">
                      When
                    </th>
                  </tr>
                </thead>
                <tbody>
                  {results.map((run) => (
                    <tr key={run.test} data-row={run.test}>
                      <td class="wide wrap">
                        <a href={paths.test(run.job, run.test)}>{run.tag}</a>
                        <span class="sub">
                          job {run.job_number}
                          {run.regressed && ' · it had come back'}
                        </span>
                      </td>
                      <td data-label="Status">
                        <Status status={statusOf(run)} />
                      </td>
                      <td data-label="Host">{hostText(run.host)}</td>
                      <td data-label="When">{formatDate(run.time, now.value)}</td>
                    </tr>
                  ))}
                </tbody>
              </table>
              {count > results.length && <div class="panel-foot">{pager(count)}</div>}
            </>
          )
        }
      </Loaded>
    </section>
  )
}

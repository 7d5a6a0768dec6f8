// What people found out about failures: the known issues, their rules, and how they do.

import { useState } from 'preact/hooks'
import { useLocation } from 'preact-iso'
import { paths, useQuery } from '../address'
import type { KnownIssue, KnownIssuePage } from '../api'
import { formatCount, formatDate, now } from '../format'
import { KnownIssueForm } from '../known-issues/form'
import { Transfer } from '../known-issues/transfer'
import { IncompleteNote } from '../parts/incomplete'
import { ListView } from '../parts/list-view'
import { pageParameters } from '../parts/pager'
import { ParameterChoice } from '../parts/parameter-choice'
import { SearchField } from '../parts/search-field'
import { useAnalysis } from '../resource'
import { useRowNavigation } from '../row-navigation'
import { canDecide } from '../session'
import { reasonText } from '../testcase/words'
import { useTitle } from '../title'

const PAGE_SIZE = 50
const states: (readonly [value: string, label: string])[] = [
  ['', 'All'],
  ['open,regressed', 'Open'],
  ['regressed', 'Came back'],
  ['resolved', 'Resolved?'],
  ['expired', 'Expired'],
]
export const stateWords: Record<KnownIssue['state'], string> = {
  open: 'Open',
  regressed: 'Came back',
  'resolved?': 'Resolved?',
  expired: 'Expired',
}

export function KnownIssues() {
  useTitle('Known issues')
  const { query, hrefWith } = useQuery()
  const [isAdding, setAdding] = useState(false)
  const parameters = pageParameters(query, PAGE_SIZE)
  for (const name of ['state', 'search']) if (query[name]) parameters.set(name, query[name])
  const list = useAnalysis<KnownIssuePage>(`/known-issues/?${parameters}`)
  const isFiltered = Boolean(query.state || query.search)
  return (
    <ListView
      title="Known issues"
      resource={list}
      pageSize={PAGE_SIZE}
      filters={
        <>
          <div class="filters">
            <SearchField parameter="search" label="Subject, link, comment or rule" />
            <ParameterChoice parameter="state" label="State" options={states} />
            {canDecide.value && !isAdding && (
              <button type="button" class="primary" onClick={() => setAdding(true)}>
                Add a known issue
              </button>
            )}
            <Transfer onDone={list.reload} />
          </div>
          {isAdding && (
            <section class="panel panel-body" aria-label="A new known issue">
              <KnownIssueForm
                onDone={() => {
                  setAdding(false)
                  list.reload()
                }}
                cancel={() => setAdding(false)}
              />
            </section>
          )}
          <IncompleteNote incomplete={list.data?.incomplete} />
        </>
      }
      table={(issues) => <Table issues={issues} />}
      empty={
        isFiltered ? (
          <p>
            No known issue is like that.{' '}
            <a href={hrefWith({ state: undefined, search: undefined, page: undefined })}>Show all</a>
          </p>
        ) : (
          <p>
            Nothing is known yet. A known issue says what a failure is about, and finds such failures again.
          </p>
        )
      }
    />
  )
}

function Table({ issues }: { issues: KnownIssue[] }) {
  const { route } = useLocation()
  const row = useRowNavigation({
    count: issues.length,
    idOf: (index) => issues[index]?.id,
    open: (index) => {
      const issue = issues[index]
      if (issue) route(paths.knownIssue(issue.id))
    },
  })
  const when = (time: string | null) => (time === null ? 'never' : formatDate(time, now.value))
  return (
    <table class="cards known-issues-table">
      <caption class="visually-hidden">Known issues</caption>
      <thead>
        <tr>
          <th scope="col">Known issue</th>
          <th scope="col" class="col-state">
            State
          </th>
          <th scope="col" class="col-count">
            Failures
          </th>
          <th scope="col" class="col-time">
            First
          </th>
          <th scope="col" class="col-time">
            Last
          </th>
        </tr>
      </thead>
      <tbody>
        {issues.map((issue, index) => (
          <tr key={issue.id} data-row={issue.id} aria-selected={index === row || undefined}>
            <td class="wide wrap">
              <a class="reason-text" href={paths.knownIssue(issue.id)}>
                {issue.report_subject || issue.report_url}
              </a>
              <span class="sub">{ruleText(issue)}</span>
            </td>
            <td data-label="State">{stateWords[issue.state]}</td>
            <td data-label="Failures">
              {formatCount(issue.incidents)}
              {issue.tests > 1 && <span class="sub"> in {formatCount(issue.tests)} tests</span>}
            </td>
            <td data-label="First">{when(issue.first)}</td>
            <td data-label="Last">{when(issue.last)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

/** Which failures it is about, in a line. */
export function ruleText(issue: KnownIssue): string {
  const { template, pattern, testcase, variant, host, component, origin } = issue
  const reason = template !== null ? reasonText(template) : pattern !== null ? `/${pattern}/` : 'no reason'
  const conditions = [
    testcase !== null && `tests ${testcase}`,
    variant !== null && `variant ${variant}`,
    host !== null && `on ${host}`,
    component !== null && component,
    origin === 'comment' && 'one test, by a comment',
  ]
  return [reason, ...conditions.filter(Boolean)].join(' · ')
}

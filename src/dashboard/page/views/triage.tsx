// The first page: what is new, by cause, and what is not. The headline is the answer.

import { useEffect } from 'preact/hooks'
import { useQuery } from '../address'
import type { Job, Page, TriageAnswer } from '../api'
import { formatCounted, formatDate, now } from '../format'
import { ApiLinks } from '../parts/api-links'
import { FirstSteps } from '../parts/first-steps'
import { ToneIcon } from '../parts/icons'
import { IncompleteNote } from '../parts/incomplete'
import { Loaded } from '../parts/notice'
import { NoSuchPage } from '../parts/pager'
import { ChosenScope, noScope, ScopeFilters } from '../parts/scope-filters'
import { anyChange, useResource } from '../resource'
import { session, user } from '../session'
import { useTitle } from '../title'
import { Groups, PAGE_SIZE } from '../triage/groups'
import { useHeldAnswer } from '../triage/live'
import { MarkLooked } from '../triage/mark'
import { loadLookedAt, lookedAt, useWindow } from '../triage/window'
import { groupNames, headlineOf, noteOf } from '../triage/words'

export function Triage() {
  const { query } = useQuery()
  const reader = user.value?.id
  useEffect(() => {
    loadLookedAt()
  }, [session.value, reader])
  const window = useWindow()
  const group = groupNames.find((name) => name === query.group)
  const page = new URLSearchParams({
    ...(group && { group }),
    ...(group && query.page && { page: query.page }),
    page_size: String(PAGE_SIZE),
  })
  const { resource, news, show, accept } = useHeldAnswer(window && `/triage/?${window.path}&${page}`)
  const { data } = resource
  useTitle(data ? headlineOf(data, now.value) : 'Triage')
  const isEmpty = data?.window.jobs === 0 && groupNames.every((name) => !data[name]?.count)
  const jobs = useResource<Page<Job>>(
    isEmpty ? '/jobs/?page_size=1&omit=tests,activities' : undefined,
    anyChange,
  )
  if (isEmpty && jobs.data?.count === 0) return <FirstSteps />
  return (
    <>
      {!data && <h1 class="visually-hidden">Triage</h1>}
      <Loaded resource={resource} height="70vh" missing={<NoSuchPage />}>
        {(answer) => (
          <>
            <Headline answer={answer} choice={window?.choice ?? ''} isGroup={group !== undefined} />
            {news && (
              <p class="triage-news" role="status">
                {formatCounted(news.jobs, 'more job')}
                {news.causes > 0 && `, ${formatCounted(news.causes, 'new cause')}`}.{' '}
                <button type="button" onClick={show}>
                  Show
                </button>
              </p>
            )}
            <Groups answer={answer} path={window?.path ?? ''} onDone={accept} />
            <Foot answer={answer} path={window?.path ?? ''} />
          </>
        )}
      </Loaded>
    </>
  )
}

function Headline({ answer, choice, isGroup }: { answer: TriageAnswer; choice: string; isGroup: boolean }) {
  const { hrefWith, valuesOf } = useQuery()
  const isQuiet = (answer.new?.count ?? 0) === 0 && answer.window.jobs > 0
  const isFiltered = Object.keys(noScope).some((name) => valuesOf(name).length > 0)
  return (
    <>
      <div class="headline">
        <div>
          {isGroup ? (
            <h1>
              <a href={hrefWith({ group: undefined, page: undefined, open: undefined })}>Triage</a>
            </h1>
          ) : (
            <>
              <h1>
                {isQuiet && !isFiltered && (
                  <span class="toned tone-pass headline-sign">
                    <ToneIcon tone="pass" />
                  </span>
                )}
                {headlineOf(answer, now.value)}
              </h1>
              <p class="muted">{noteOf(answer, now.value)}</p>
            </>
          )}
          <IncompleteNote incomplete={answer.incomplete} />
          {answer.window.truncated && (
            <p class="muted">There was more than one page considers: what is newest is here.</p>
          )}
        </div>
        <div class="headline-end">
          <Choices choice={choice} />
          <MarkLooked time={answer.window.to} />
        </div>
      </div>
      <div class="filters triage-filters">
        <ScopeFilters />
        <ChosenScope />
      </div>
    </>
  )
}

function Choices({ choice }: { choice: string }) {
  const { hrefWith } = useQuery()
  const choices = [
    ...(lookedAt.value ? [['looked', 'Since I looked'] as const] : []),
    ['night', 'Last night'] as const,
    ['week', '7 days'] as const,
  ]
  const isOther = !choices.some(([name]) => name === choice)
  return (
    <nav class="choices" aria-label="Since when">
      {choices.map(([name, label]) => (
        <a
          key={name}
          href={hrefWith({ since: name, until: undefined, page: undefined, open: undefined })}
          aria-current={name === choice ? 'true' : undefined}
        >
          {label}
        </a>
      ))}
      {isOther && (
        <a href={hrefWith({})} aria-current="true">
          Since {isTime(choice) ? formatDate(choice, now.value) : choice}
        </a>
      )}
    </nav>
  )
}

/** A time, and no job. */
const isTime = (since: string) => /^\d{4}-\d\d-\d\dT/.test(since)

function Foot({ answer: { window }, path }: { answer: TriageAnswer; path: string }) {
  const at = (time: string) => formatDate(time, now.value)
  return (
    <p class="small muted">
      From {at(window.from)} to {at(window.to)}: {formatCounted(window.jobs, 'job')},{' '}
      {formatCounted(window.tests, 'test')}, {formatCounted(window.failures, 'failure')}.{' '}
      <ApiLinks path={`/triage/?${path}`} />
    </p>
  )
}

// One cause: a line that says what fails, and opens in place to its tests and a log.

import type { ComponentChildren } from 'preact'
import { paths } from '../address'
import type { Cause } from '../api'
import { formatCounted, formatDay, formatHour, now } from '../format'
import { ClaimButtons, ClaimText } from '../notes/claim'
import { ExpandIcon, QuestionIcon, ToneIcon, WaveIcon } from '../parts/icons'
import { canDecide } from '../session'
import type { Tone } from '../statuses'
import { hostText } from '../strips/names'
import { CauseActions, type FormKind } from './cause-actions'
import { CauseBody } from './cause-body'
import { factOf, titleOf } from './words'

/** The sign and word of each state. Only what is new has a colour: the rest asks for nothing. */
const states: Record<Cause['state'], { word: string; tone: Tone | 'plain'; icon: ComponentChildren }> = {
  new: { word: 'New', tone: 'fail', icon: <ToneIcon tone="fail" /> },
  unconfirmed: { word: 'Perhaps new', tone: 'warn', icon: <QuestionIcon /> },
  still_failing: { word: 'Fails', tone: 'plain', icon: <ToneIcon tone="fail" /> },
  fixing: { word: 'Fixed?', tone: 'plain', icon: <QuestionIcon /> },
  fixed: { word: 'Fixed', tone: 'plain', icon: <ToneIcon tone="pass" /> },
  never_passed: { word: 'Never passed', tone: 'plain', icon: <ToneIcon tone="fail" /> },
  flaky: { word: 'Flaky', tone: 'plain', icon: <WaveIcon /> },
  known_issue: { word: 'Known issue', tone: 'plain', icon: <ToneIcon tone="fail" /> },
  passed_again: { word: 'Passed again', tone: 'plain', icon: <ToneIcon tone="pass" /> },
}

const MAX_HOSTS = 2

interface Props {
  cause: Cause
  isOpen: boolean
  toggle: () => void
  /** The window of the page, for the list of tests. */
  path: string
  /** The form that is open. */
  form: FormKind | undefined
  setForm: (kind: FormKind | undefined) => void
  /** The reader has changed something. */
  onDone: () => void
}

export function CauseLine({ cause, isOpen, toggle, path, form, setForm, onDone }: Props) {
  const { id, state, tests, hosts, hosts_count } = cause
  const pair = comparedJobs(cause)
  const { word, tone, icon } = states[state]
  const title = titleOf(cause)
  const shownHosts = hosts.slice(0, hosts_count > MAX_HOSTS ? MAX_HOSTS - 1 : MAX_HOSTS)
  return (
    <li class="cause" data-cause={id} data-open={isOpen || undefined}>
      <div class="cause-line">
        <h3>
          <button
            type="button"
            class="cause-toggle"
            aria-expanded={isOpen}
            aria-controls={`cause-${id}`}
            onClick={toggle}
          >
            <ExpandIcon />
            <span class="cause-state">
              <span class={`status tone-${tone}`}>
                {icon}
                {word}
              </span>
            </span>
            <span class="cause-what">{title}</span>
          </button>
        </h3>
        <p class="cause-fact muted">
          {factOf(cause, now.value)}
          <Said cause={cause} />
        </p>
        <span class="cause-tests">
          <b>{tests}</b> {tests === 1 ? 'test' : 'tests'}
        </span>
        <span class="cause-hosts" title={hosts.map((host) => host ?? 'unknown').join(', ')}>
          {shownHosts.map((host) => (
            <span key={host}>{hostText(host)}</span>
          ))}
          {hosts_count > shownHosts.length && (
            <span>{formatCounted(hosts_count - shownHosts.length, 'more host')}</span>
          )}
        </span>
        <Since cause={cause} />
        <span class="cause-action">
          {pair && (
            <a
              class="button small-button"
              href={paths.compare(...pair)}
              aria-label={`Compare, what changed before: ${title}`}
            >
              What changed
            </a>
          )}
          {cause.group === 'new' && cause.about && !cause.claim && canDecide.value && (
            <ClaimButtons about={cause.about} claim={null} name={title} onDone={onDone} isBrief />
          )}
        </span>
      </div>
      <div id={`cause-${id}`} hidden={!isOpen}>
        {isOpen && (
          <CauseBody
            cause={cause}
            path={path}
            actions={<CauseActions cause={cause} form={form} setForm={setForm} onDone={onDone} />}
          />
        )}
      </div>
    </li>
  )
}

/** What is known and said of it, in a few words. */
function Said({ cause: { known_issue, state, claim, comments } }: { cause: Cause }) {
  return (
    <>
      {known_issue && state !== 'known_issue' && (
        <>
          {' · '}known issue {known_issue.report_subject || known_issue.report_url}
          {known_issue.state === 'regressed' && ', came back'}
        </>
      )}
      {claim && (
        <>
          {' · '}
          <ClaimText claim={claim} />
        </>
      )}
      {comments > 0 && ` · ${formatCounted(comments, 'comment')}`}
    </>
  )
}

/** What to compare: the first bad job with the last good one, or what fixed it with the last bad one. */
function comparedJobs({ first_bad, last_good, fixed_in, last_bad }: Cause): [string, string] | undefined {
  const [job, base] = fixed_in ? [fixed_in, last_bad] : [first_bad, last_good]
  return job && base ? [job.job, base.job] : undefined
}

function Since({ cause: { state, since, first_bad, fixed_in } }: { cause: Cause }) {
  const isFixed = state === 'fixed' || state === 'fixing'
  const time = (isFixed ? fixed_in?.time : first_bad?.time) ?? since
  const word = state === 'flaky' || state === 'passed_again' || state === 'unconfirmed' ? '' : 'since '
  return (
    <time class="cause-since" dateTime={time}>
      <span>
        {word}
        {formatDay(time, now.value)}
      </span>{' '}
      <span>{formatHour(time)}</span>
    </time>
  )
}

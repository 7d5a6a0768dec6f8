// A known issue beside a failure that it matches.

import { paths } from '../address'
import type { KnownIssueLink } from '../api'

const states: Record<KnownIssueLink['state'], string> = {
  open: '',
  regressed: ', came back',
  'resolved?': ', seems to be resolved',
  expired: ', expired',
}

export function KnownIssueLine({ issue }: { issue: KnownIssueLink }) {
  return (
    <p class="known-issue-line">
      <KnownIssueText issue={issue} />
    </p>
  )
}

export function KnownIssueText({ issue }: { issue: KnownIssueLink }) {
  const { id, report_url, report_subject, state, regressed } = issue
  const name = report_subject || report_url
  return (
    <>
      Known issue:{' '}
      {report_url === '' ? (
        name
      ) : (
        <a href={report_url} rel="noreferrer">
          {name}
        </a>
      )}
      {regressed && state !== 'regressed' ? ', had come back' : states[state]}{' '}
      <a class="muted" href={paths.knownIssue(id)}>
        The rule
      </a>
    </>
  )
}

// What is known and said of a failed test, below the sentence about it.

import { useState } from 'preact/hooks'
import type { Claim, Page, Verdict } from '../api'
import { KnownIssueForm } from '../known-issues/form'
import { KnownIssueLine } from '../known-issues/line'
import { useResource } from '../resource'
import { canDecide } from '../session'
import { type About, listPath } from './about'
import { ClaimButtons } from './claim'
import { Comments } from './comments'

interface Props {
  verdict: Verdict
  /** The reader has made a known issue. */
  onDone: () => void
}

export function FailureNotes({ verdict, onDone }: Props) {
  const { job, test, known_issues, template, template_id, testcase } = verdict
  const about: About = { job, test: String(test) }
  const claims = useResource<Page<Claim>>(listPath('claims', about, 1))
  const [form, setForm] = useState<'comment' | 'known issue'>()
  const name = `the failure of ${testcase}`
  return (
    <div class="failure-notes">
      {known_issues.map((issue) => (
        <KnownIssueLine key={issue.id} issue={issue} />
      ))}
      <div class="actions">
        {claims.data && (
          <ClaimButtons
            about={about}
            claim={claims.data.results[0] ?? null}
            name={name}
            onDone={claims.reload}
          />
        )}
        {canDecide.value && (
          <>
            <button type="button" class="small-button" onClick={() => setForm('comment')}>
              Comment
            </button>
            {known_issues.length === 0 && (
              <button type="button" class="small-button" onClick={() => setForm('known issue')}>
                Known issue
              </button>
            )}
          </>
        )}
      </div>
      <Comments
        about={about}
        label={`Comments on ${name}`}
        isWriting={form === 'comment'}
        setWriting={(isWriting) => setForm(isWriting ? 'comment' : undefined)}
        onDone={onDone}
      />
      {template_id !== null && (
        <Comments
          about={{ cluster: template_id }}
          label="Comments on all failures with this reason"
          isWriting={false}
          setWriting={() => {}}
        />
      )}
      {form === 'known issue' && (
        <KnownIssueForm
          suggestion={{ template, testcase }}
          onDone={() => {
            setForm(undefined)
            onDone()
          }}
          cancel={() => setForm(undefined)}
        />
      )}
    </div>
  )
}

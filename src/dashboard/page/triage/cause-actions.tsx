// What can be said and done about an open cause: claim it, comment on it, make it a known issue.

import type { Cause } from '../api'
import { KnownIssueForm } from '../known-issues/form'
import { KnownIssueLine } from '../known-issues/line'
import { ClaimButtons } from '../notes/claim'
import { Comments } from '../notes/comments'
import { canDecide } from '../session'
import { titleOf } from './words'

export type FormKind = 'comment' | 'known issue'

interface Props {
  cause: Cause
  /** The form that is open. */
  form: FormKind | undefined
  setForm: (kind: FormKind | undefined) => void
  /** The reader has changed something. */
  onDone: () => void
}

export function CauseActions({ cause, form, setForm, onDone }: Props) {
  const { about, claim, known_issue, template, tests, testcase, id } = cause
  if (!about) return null
  const name = titleOf(cause)
  /** The focus goes back to the line. */
  const close = () => {
    setForm(undefined)
    document.querySelector<HTMLElement>(`[data-cause="${CSS.escape(id)}"] .cause-toggle`)?.focus()
  }
  return (
    <div class="cause-actions">
      {known_issue && <KnownIssueLine issue={known_issue} />}
      <div class="actions">
        <ClaimButtons about={about} claim={claim} name={name} onDone={onDone} />
        {canDecide.value && (
          <>
            <button type="button" class="small-button" onClick={() => setForm('comment')}>
              Comment
            </button>
            {!known_issue && (
              <button type="button" class="small-button" onClick={() => setForm('known issue')}>
                Known issue
              </button>
            )}
          </>
        )}
      </div>
      <Comments
        about={about}
        label={`Comments: ${name}`}
        isWriting={form === 'comment'}
        setWriting={(isWriting) => (isWriting ? setForm('comment') : close())}
        onDone={onDone}
      />
      {form === 'known issue' && (
        <KnownIssueForm
          suggestion={{ template, ...(tests === 1 && { testcase }) }}
          onDone={() => {
            close()
            onDone()
          }}
          cancel={close}
        />
      )}
    </div>
  )
}

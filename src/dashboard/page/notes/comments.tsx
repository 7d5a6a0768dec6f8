// The comments on something, and the form for another one.

import { useLayoutEffect, useRef, useState } from 'preact/hooks'
import type { Comment, Page } from '../api'
import { send } from '../api'
import { formatDate, now } from '../format'
import { TextField } from '../parts/field'
import { Form } from '../parts/form'
import { useResource } from '../resource'
import { canDecide, isAdministrator, user } from '../session'
import { type About, listPath } from './about'

const PAGE_SIZE = 100

interface Props {
  about: About
  label: string
  /** Whether the form is open. */
  isWriting: boolean
  setWriting: (isWriting: boolean) => void
  /** After a comment was stored, changed or erased. */
  onDone?: () => void
}

export function Comments({ about, label, isWriting, setWriting, onDone }: Props) {
  const list = useResource<Page<Comment>>(listPath('comments', about, PAGE_SIZE))
  const done = () => {
    list.reload()
    onDone?.()
  }
  const comments = list.data?.results ?? []
  return (
    <div class="comments">
      {comments.length > 0 && (
        <ul aria-label={label}>
          {comments.map((comment) => (
            <CommentItem key={comment.id} comment={comment} onDone={done} />
          ))}
        </ul>
      )}
      {isWriting && (
        <CommentForm
          action="Comment"
          send={async (text) => {
            await send('POST', '/comments/', { ...about, text })
            setWriting(false)
            done()
          }}
          cancel={() => setWriting(false)}
        />
      )}
    </div>
  )
}

function CommentItem({ comment, onDone }: { comment: Comment; onDone: () => void }) {
  const [isEditing, setEditing] = useState(false)
  const [failure, setFailure] = useState<string>()
  const mayChange = canDecide.value && (comment.user.id === user.value?.id || isAdministrator.value)
  const path = `/comments/${comment.id}/`
  const erase = () => send('DELETE', path).then(onDone, (error: Error) => setFailure(error.message))
  if (isEditing) {
    return (
      <li>
        <CommentForm
          action="Save"
          text={comment.text}
          send={async (text) => {
            await send('PATCH', path, { text })
            setEditing(false)
            onDone()
          }}
          cancel={() => setEditing(false)}
        />
      </li>
    )
  }
  return (
    <li>
      <p class="comment-head small muted">
        <b>{comment.user.username}</b>{' '}
        <time dateTime={comment.time}>{formatDate(comment.time, now.value)}</time>
        {comment.changed !== null && <span>changed</span>}
        {mayChange && (
          <span class="comment-actions">
            <button type="button" class="small-button" onClick={() => setEditing(true)}>
              Edit
            </button>
            <button type="button" class="small-button" onClick={erase}>
              Erase
            </button>
          </span>
        )}
      </p>
      <p class="comment-text">
        <LinkedText text={comment.text} links={comment.links} />
      </p>
      {failure && <p role="alert">{failure}</p>}
    </li>
  )
}

/** Only what the server takes for a link becomes one: http and https. */
export function LinkedText({ text, links }: { text: string; links: readonly string[] }) {
  const found = links
    .map((link) => ({ link, at: text.indexOf(link) }))
    .filter(({ at }) => at >= 0)
    .sort((one, other) => one.at - other.at)
  const parts = []
  let done = 0
  for (const { link, at } of found) {
    if (at < done) continue
    parts.push(
      text.slice(done, at),
      <a key={at} href={link} rel="noreferrer">
        {link}
      </a>,
    )
    done = at + link.length
  }
  return (
    <>
      {parts}
      {text.slice(done)}
    </>
  )
}

interface FormProps {
  action: string
  text?: string
  /** @throws ApiError */
  send: (text: string) => Promise<void>
  cancel: () => void
}

function CommentForm({ action, text = '', send, cancel }: FormProps) {
  const place = useRef<HTMLDivElement>(null)
  // A layout effect: what is typed next belongs into the field.
  useLayoutEffect(() => place.current?.querySelector('textarea')?.focus(), [])
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: Escape leaves the form, whatever in it has the focus
    <div
      ref={place}
      onKeyDown={(event) => {
        if (event.key !== 'Escape') return
        event.stopPropagation()
        cancel()
      }}
    >
      <Form action={action} send={({ text = '' }) => send(text)} cancel={cancel}>
        <TextField
          name="text"
          label="Comment"
          defaultValue={text}
          hint="A link is carried over to later failures of a test."
        />
      </Form>
    </div>
  )
}

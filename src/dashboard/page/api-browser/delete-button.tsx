// A button that deletes the item at an address after a confirmation.

import { useRef, useState } from 'preact/hooks'
import { ApiError } from '../api'
import { ErrorNotice } from '../parts/notice'
import { canWrite } from '../session'
import { type Answer, fetchAnswer } from './answer'

interface Props {
  address: string
  onAnswer: (answer: Answer) => void
}

export function DeleteButton({ address, onAnswer }: Props) {
  const dialog = useRef<HTMLDialogElement>(null)
  const [failure, setFailure] = useState<ApiError>()
  const confirm = async () => {
    try {
      const answer = await fetchAnswer('DELETE', address)
      dialog.current?.close()
      onAnswer(answer)
    } catch (error) {
      setFailure(error instanceof ApiError ? error : new ApiError(0, String(error)))
    }
  }
  return (
    <>
      <button
        type="button"
        class="danger"
        disabled={!canWrite.value}
        title={canWrite.value ? undefined : 'Sign in to delete'}
        onClick={() => {
          setFailure(undefined)
          dialog.current?.showModal()
        }}
      >
        DELETE
      </button>
      <dialog ref={dialog} aria-labelledby="delete-title" class="api-delete">
        <h2 id="delete-title">Delete this?</h2>
        <p>
          <code>{address}</code>
        </p>
        <p>It goes with everything below it, and does not come back.</p>
        {failure && <ErrorNotice error={failure} />}
        <form method="dialog" class="api-send">
          <button type="submit">Keep it</button>
          <button type="button" class="danger" onClick={confirm}>
            Delete
          </button>
        </form>
      </dialog>
    </>
  )
}

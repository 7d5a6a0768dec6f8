// A form that sends its values unchecked to the server, and shows the server's errors at their fields.

import { type ComponentChildren, createContext, type TargetedSubmitEvent } from 'preact'
import { useContext, useEffect, useRef, useState } from 'preact/hooks'
import { ApiError } from '../api'

/** The values by the names of the fields. A choice without a selection has no value. */
export type Values = Record<string, string>

type State =
  | { phase: 'filling' | 'sending' | 'done'; error?: undefined }
  | { phase: 'refused'; error: ApiError; fields: Record<string, string> }

const Errors = createContext<Record<string, string>>({})

/** The server's error for a field. */
export function useFieldError(name: string): string | undefined {
  return useContext(Errors)[name]
}

interface Props {
  /** The label of the button that sends the form. */
  action: string
  tone?: 'primary' | 'danger'
  /** @throws ApiError */
  send: (values: Values) => Promise<void>
  /** The message after the form was sent. */
  done?: string
  /** Keeps the values after sending, because they are now the server's values. */
  keepsValues?: boolean
  cancel?: () => void
  children?: ComponentChildren
}

export function Form({ action, tone = 'primary', send, done, keepsValues = false, cancel, children }: Props) {
  const form = useRef<HTMLFormElement>(null)
  const [state, setState] = useState<State>({ phase: 'filling' })
  const { phase, error } = state

  const submit = async (event: TargetedSubmitEvent<HTMLFormElement>) => {
    event.preventDefault()
    if (phase === 'sending') return
    const { currentTarget } = event
    const values = Object.fromEntries(new FormData(currentTarget)) as Values
    setState({ phase: 'sending' })
    try {
      await send(values)
      if (!keepsValues) currentTarget.reset()
      setState({ phase: 'done' })
    } catch (thrown) {
      if (!(thrown instanceof ApiError)) throw thrown
      setState({ phase: 'refused', error: thrown, fields: thrown.fields })
    }
  }

  /** Clears the error of a field, and the message, when the reader types. */
  const change = ({ target }: Event) => {
    if (phase === 'done') setState({ phase: 'filling' })
    if (phase !== 'refused' || !(target instanceof HTMLInputElement || target instanceof HTMLTextAreaElement))
      return
    const { [target.name]: _, ...fields } = state.fields
    setState({ ...state, fields })
  }

  useEffect(() => {
    if (error) form.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus()
  }, [error])

  return (
    <form
      ref={form}
      class="form"
      noValidate
      aria-busy={phase === 'sending'}
      onSubmit={submit}
      onInput={change}
    >
      {error && <FormError error={error} form={form.current} />}
      <Errors.Provider value={phase === 'refused' ? state.fields : {}}>{children}</Errors.Provider>
      <div class="form-end">
        {/* Comes first, so that it has the focus when a dialog without fields opens. */}
        {cancel && (
          <button type="button" onClick={cancel}>
            Cancel
          </button>
        )}
        <button type="submit" class={tone} disabled={phase === 'sending'}>
          {action}
        </button>
        {done && (
          <span class="form-done" role="status">
            {phase === 'done' && done}
          </span>
        )}
      </div>
    </form>
  )
}

/** An error that does not belong to a field of the form. */
function FormError({ error, form }: { error: ApiError; form: HTMLFormElement | null }) {
  const names = Object.keys(error.fields)
  if (names.length > 0 && names.every((name) => form?.elements.namedItem(name))) return null
  return (
    <p class="form-error" role="alert">
      {error.message}
    </p>
  )
}

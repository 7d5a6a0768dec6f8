// Forms: what was typed goes to the server as it is, and what the server says about a field stands at the field.

import { type ComponentChildren, createContext, type TargetedSubmitEvent } from 'preact'
import { useContext, useEffect, useRef, useState } from 'preact/hooks'
import { ApiError } from '../api'

/** By the names of the fields; nothing of a choice of which nothing is taken. */
export type Values = Record<string, string>

type State =
  | { phase: 'filling' | 'sending' | 'done'; error?: undefined }
  | { phase: 'refused'; error: ApiError; fields: Record<string, string> }

const Errors = createContext<Record<string, string>>({})

/** What is wrong with a field, as the server has said. */
export function useFieldError(name: string): string | undefined {
  return useContext(Errors)[name]
}

interface Props {
  /** What the button says that sends it. */
  action: string
  tone?: 'primary' | 'danger'
  /** @throws ApiError */
  send: (values: Values) => Promise<void>
  /** What is said when it was sent. */
  done?: string
  /** What was typed stays, for it is what the server holds now. */
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

  /** What was said of a field is over when somebody types there, and so is what was done. */
  const change = ({ target }: Event) => {
    if (phase === 'done') setState({ phase: 'filling' })
    if (phase !== 'refused' || !(target instanceof HTMLInputElement)) return
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
        {/* First, and so where the keyboard is when a dialog opens that only asks. */}
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

/** What is wrong with no field that one can see. */
function FormError({ error, form }: { error: ApiError; form: HTMLFormElement | null }) {
  const names = Object.keys(error.fields)
  if (names.length > 0 && names.every((name) => form?.elements.namedItem(name))) return null
  return (
    <p class="form-error" role="alert">
      {error.message}
    </p>
  )
}

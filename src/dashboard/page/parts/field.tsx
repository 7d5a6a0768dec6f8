// The fields of a form: a line of text, a new password, or a choice.

import type { ComponentChildren } from 'preact'
import { useEffect, useId, useRef, useState } from 'preact/hooks'
import { generatePassword } from '../password'
import { CopyButton } from './copy'
import { useFieldError } from './form'

interface Props {
  name: string
  label: string
  hint?: ComponentChildren
}

interface InputProps extends Props {
  type?: 'text' | 'email' | 'password'
  autocomplete: 'off' | 'username' | 'current-password'
  required?: boolean
  defaultValue?: string
}

// Preact's types accept each type of input, but not a union of them, hence the casts below.

/** Connects the parts of a field: label, control, hint and error. */
function useField(name: string, hint: unknown) {
  const id = useId()
  const error = useFieldError(name)
  const [hintId, errorId] = [`${id}-hint`, `${id}-error`]
  const described = [hint && hintId, error && errorId].filter(Boolean).join(' ')
  return {
    error,
    control: { id, name, 'aria-invalid': error !== undefined, 'aria-describedby': described || undefined },
    below: (
      <>
        {hint && (
          <span id={hintId} class="field-hint">
            {hint}
          </span>
        )}
        {error && (
          <span id={errorId} class="field-error">
            {error}
          </span>
        )}
      </>
    ),
  }
}

export function Field({ name, label, hint, type = 'text', ...input }: InputProps) {
  const { control, below } = useField(name, hint)
  return (
    <div class="field">
      <label for={control.id}>{label}</label>
      <input type={type as 'text'} autocapitalize="none" spellcheck={false} {...input} {...control} />
      {below}
    </div>
  )
}

/** A field for several lines of text. */
export function TextField({
  name,
  label,
  hint,
  rows = 3,
  defaultValue,
}: Props & { rows?: number; defaultValue?: string }) {
  const { control, below } = useField(name, hint)
  return (
    <div class="field">
      <label for={control.id}>{label}</label>
      <textarea rows={rows} spellcheck={false} defaultValue={defaultValue} {...control} />
      {below}
    </div>
  )
}

/** A field for a new password, which the page can also generate. */
export function NewPasswordField({ name, label, hint }: Props) {
  const { control, below } = useField(name, hint)
  const input = useRef<HTMLInputElement>(null)
  const [isShown, setShown] = useState(false)
  /** The generated password, until the reader changes it. */
  const [generated, setGenerated] = useState<string>()
  useEffect(() => {
    const form = input.current?.form
    const forget = () => {
      setGenerated(undefined)
      setShown(false)
    }
    form?.addEventListener('reset', forget)
    return () => form?.removeEventListener('reset', forget)
  }, [])
  const generate = () => {
    const password = generatePassword()
    if (!input.current) return
    input.current.value = password
    // As if the reader had typed it.
    input.current.dispatchEvent(new Event('input', { bubbles: true }))
    setGenerated(password)
    setShown(true)
  }
  return (
    <div class="field">
      <label for={control.id}>{label}</label>
      <div class="field-row">
        <input
          ref={input}
          type={(isShown ? 'text' : 'password') as 'text'}
          class={isShown ? 'mono' : undefined}
          autocomplete="new-password"
          autocapitalize="none"
          spellcheck={false}
          onInput={() => setGenerated(undefined)}
          {...control}
        />
        {generated && <CopyButton text={generated} label="Copy the password" />}
        <button type="button" aria-pressed={isShown} onClick={() => setShown(!isShown)}>
          {isShown ? 'Hide' : 'Show'}
        </button>
        <button type="button" onClick={generate}>
          Make one
        </button>
      </div>
      {below}
    </div>
  )
}

/** Radio buttons. @param options  `value` is sent, `label` and `hint` are shown. */
export function Choice({
  name,
  label,
  hint,
  options,
  initial,
}: Props & { options: { value: string; label: string; hint?: string }[]; initial: string }) {
  const { control, below } = useField(name, hint)
  return (
    <fieldset class="field choice" aria-describedby={control['aria-describedby']}>
      <legend>{label}</legend>
      <div class="choice-options">
        {options.map(({ value, label, hint }) => (
          <label key={value}>
            <input type="radio" name={name} value={value} defaultChecked={value === initial} />
            <span>
              {label} {hint && <span class="field-hint">{hint}</span>}
            </span>
          </label>
        ))}
      </div>
      {below}
    </fieldset>
  )
}

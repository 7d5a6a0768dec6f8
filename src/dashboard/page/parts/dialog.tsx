// Modal dialogs.

import type { ComponentChildren } from 'preact'
import { useId, useLayoutEffect, useRef } from 'preact/hooks'
import { Form } from './form'

interface Props {
  title: string
  /** Removes the dialog: it is open while it is mounted. */
  close: () => void
  children: ComponentChildren
}

export function Dialog({ title, close, children }: Props) {
  const dialog = useRef<HTMLDialogElement>(null)
  const id = useId()
  useLayoutEffect(() => {
    const shown = dialog.current
    shown?.showModal()
    // Closed before it is removed, so that the focus returns to the previous element.
    return () => shown?.close()
  }, [])
  return (
    <dialog ref={dialog} aria-labelledby={id} onClose={close}>
      <h2 id={id}>{title}</h2>
      {children}
    </dialog>
  )
}

/** Asks for confirmation before an action that affects others. */
export function ConfirmDialog({
  confirmLabel,
  tone = 'danger',
  send,
  ...props
}: Props & {
  /** The label of the button that confirms. */
  confirmLabel: string
  tone?: 'danger' | 'primary'
  send: () => Promise<void>
}) {
  const { children, ...dialog } = props
  return (
    <Dialog {...dialog}>
      <Form action={confirmLabel} tone={tone} send={send} cancel={dialog.close}>
        {children}
      </Form>
    </Dialog>
  )
}

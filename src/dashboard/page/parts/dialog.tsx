// Boxes over the page, which want something before it goes on.

import type { ComponentChildren } from 'preact'
import { useId, useLayoutEffect, useRef } from 'preact/hooks'
import { Form } from './form'

interface Props {
  title: string
  /** Takes the dialog away: it is open as long as it is there. */
  close: () => void
  children: ComponentChildren
}

export function Dialog({ title, close, children }: Props) {
  const dialog = useRef<HTMLDialogElement>(null)
  const id = useId()
  useLayoutEffect(() => {
    const shown = dialog.current
    shown?.showModal()
    // Closed and not just removed: so the focus goes back to where it came from.
    return () => shown?.close()
  }, [])
  return (
    <dialog ref={dialog} aria-labelledby={id} onClose={close}>
      <h2 id={id}>{title}</h2>
      {children}
    </dialog>
  )
}

/** Asks before it does something that others will feel. */
export function ConfirmDialog({
  confirmLabel,
  tone = 'danger',
  send,
  ...props
}: Props & {
  /** What the button says that does it. */
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

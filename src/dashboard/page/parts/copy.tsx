// Copies text to the clipboard.

import { useState } from 'preact/hooks'
import { CopyIcon, ToneIcon } from './icons'

const SHOWN_MS = 1500

/** @param text  the text, or a function that makes a long one when it is needed. */
export function CopyButton({ text, label }: { text: string | (() => string); label: string }) {
  const [copied, setCopied] = useState(false)
  const copy = async () => {
    await copyText(typeof text === 'string' ? text : text())
    setCopied(true)
    setTimeout(() => setCopied(false), SHOWN_MS)
  }
  return (
    <button
      type="button"
      class="icon-button"
      title={label}
      aria-label={copied ? 'Copied' : label}
      onClick={copy}
    >
      {copied ? <ToneIcon tone="pass" /> : <CopyIcon />}
    </button>
  )
}

/** A command with a button that copies it. */
export function Command({ text }: { text: string }) {
  return (
    <div class="command">
      <pre>{text}</pre>
      <CopyButton text={text} label="Copy the command" />
    </div>
  )
}

/** Falls back to execCommand: browsers offer a clipboard only over https or from the same machine. */
async function copyText(text: string): Promise<void> {
  if (navigator.clipboard) return navigator.clipboard.writeText(text)
  const area = document.createElement('textarea')
  area.value = text
  document.body.append(area)
  area.select()
  document.execCommand('copy')
  area.remove()
}

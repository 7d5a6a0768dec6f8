// Shows a text of the documentation, with text between backticks as code.

export function Prose({ text }: { text: string }) {
  return (
    <>
      {text.split('`').map((part, index) =>
        // Every second part was between backticks.
        index % 2 === 1 ? <code key={index}>{part}</code> : part,
      )}
    </>
  )
}

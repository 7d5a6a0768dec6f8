// A text of the documentation, in which `code` stands between backticks.

export function Prose({ text }: { text: string }) {
  return (
    <>
      {text.split('`').map((part, index) =>
        // Every second part was between two backticks.
        index % 2 === 1 ? <code key={index}>{part}</code> : part,
      )}
    </>
  )
}

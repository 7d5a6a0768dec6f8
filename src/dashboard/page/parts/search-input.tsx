// A field for a text that is searched.

import { SearchIcon } from './icons'

interface Props {
  text: string
  setText: (text: string) => void
  placeholder: string
  label: string
}

export function SearchInput({ text, setText, placeholder, label }: Props) {
  return (
    <>
      <SearchIcon />
      <input
        type="search"
        value={text}
        placeholder={placeholder}
        aria-label={label}
        onInput={(event) => setText(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key !== 'Escape') return
          // By default, Escape would empty the field.
          event.preventDefault()
          event.currentTarget.blur()
        }}
      />
    </>
  )
}

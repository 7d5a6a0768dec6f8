// Sets the title of the browser's tab.

import { useEffect } from 'preact/hooks'

export function useTitle(text: string | undefined): void {
  useEffect(() => {
    document.title = text ? `${text} · Avocado results` : 'Avocado results'
  }, [text])
}

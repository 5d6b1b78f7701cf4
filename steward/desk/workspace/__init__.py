"""What agents work with beside the conversation itself: notes, snippets, files, search, the packet."""

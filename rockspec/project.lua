-- Where the project lives. rockspec/update.lua writes the URL into the rockspecs, and
-- tools/release.lua all of it; a release for others is refused while these are placeholders.
return {
  url = "git+https://git.example.org/novita.git",
  homepage = "https://git.example.org/novita",
  maintainer = "the novita maintainers <novita@example.org>",
}

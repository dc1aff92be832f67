std = "lua54"
max_line_length = 100
max_comment_line_length = 130 -- an annotation's type cannot be broken
ignore = { "212/self" } -- methods keep their shape even where they need no self
files["spec"] = { std = "+busted" }

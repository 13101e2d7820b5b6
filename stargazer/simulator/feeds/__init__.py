"""Sites with feeds: RSS, RDF, Atom and JSON Feed, and pages that name them."""

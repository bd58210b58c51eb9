package demo

// Every name is drawn from these short lists at random; none belongs to a person we know of.

// culture is where a household's names come from, and how often, in percent.
type culture struct {
	name     string
	percent  int
	language string
	girls    []string
	boys     []string
	carersF  []string
	carersM  []string
	families []string
}

func cultures() []culture {
	return []culture{
		{
			name: "english", percent: 47, language: "eng",
			girls:    words("Olivia Emma Charlotte Amelia Abigail Hannah Grace Chloe Lily Zoe Norah Ruby Violet Hazel Molly Katherine Elizabeth Madison Samantha Isabelle Paige Jordan"),
			boys:     words("Liam Noah William Benjamin Jackson Lucas Ethan Owen Nathan Samuel Thomas Henry Connor Wyatt Alexander Matthew Christopher Joseph Daniel Logan Jordan Nicholas"),
			carersF:  words("Jennifer Sarah Melissa Amanda Heather Stephanie Nicole Crystal Tracy Kimberly Rebecca Megan Lindsay Erin"),
			carersM:  words("Michael Jason David Robert Ryan Mark Steven Kevin Brian Jeffrey Adam Scott Kyle Trevor"),
			families: words("Smith Brown Wilson MacDonald Campbell Thompson Anderson Walker Clarke Hughes Fraser Morrison Baker Ward Bennett Foster Russell Grant Hamilton Kelly Murphy O'Brien O'Connor McLean McKay Bell Cooper Reid Stewart Shaw Palmer Burke Ellis Barnes Wood Carter Parker Davidson Gibson Hunter"),
		},
		{
			name: "french", percent: 21, language: "fra",
			girls:    words("Léa Zoé Chloé Amélie Maëlle Océane Élodie Noémie Gabrielle Camille Juliette Rosalie Florence Béatrice Anaïs Mégane Sophie Marie-Ève Anne-Sophie Hélène"),
			boys:     words("Félix Étienne Jérôme Mathéo Loïc Zacharie Gabriel Antoine Raphaël François Émile Théo Olivier Xavier Maxime Jean-Philippe Cédric Benoît Hugo Alexis"),
			carersF:  words("Nathalie Isabelle Geneviève Mélanie Josée Valérie Annie Chantal Véronique Caroline"),
			carersM:  words("Stéphane Éric Martin Sébastien Frédéric Luc Patrick Yves Daniel André"),
			families: words("Tremblay Gagnon Côté Bouchard Gauthier Lévesque Bélanger Pelletier Thériault Lefebvre Beauséjour Desrosiers Lachance Thibault Saint-Amour St-Pierre Côté-Roy Paré Grégoire Lalonde Séguin Brisebois"),
		},
		{
			name: "south asian", percent: 9, language: "urd",
			girls:    words("Aisha Zainab Priya Ananya Fatima Maryam Simran Jasleen Meera Noor"),
			boys:     words("Arjun Rohan Muhammad Hamza Ibrahim Gurpreet Aarav Yusuf Bilal Karan"),
			carersF:  words("Saima Harpreet Sunita Rukhsana Deepa Nadia Kiran"),
			carersM:  words("Imran Rajesh Harjit Tariq Sanjay Asif Amandeep"),
			families: words("Khan Ahmed Singh Patel Sharma Malik Hussain Gill Qureshi Iyer Bhatti Dhaliwal"),
		},
		{
			name: "chinese", percent: 6, language: "zho",
			girls:    words("Mei Xinyi Jia Yuxin Angela Grace Wen Li-Hua"),
			boys:     words("Wei Haoran Jun Zihan Kevin Ming Yichen Jian"),
			carersF:  words("Ling Fang Xiu Yan Hui Jing"),
			carersM:  words("Jianguo Feng Lei Tao Bo Qiang"),
			families: words("Wang Li Zhang Chen Liu Huang Zhao Wu Xu Lin"),
		},
		{
			name: "indigenous", percent: 8, language: "oji",
			girls:    words("Waabigwan Nova Migwan Winona Kaya Aiyana Autumn Raven Shania Misko"),
			boys:     words("Nodin Migizi Hunter Waabun Animikii Makwa Tyson Dakota River Giizhik"),
			carersF:  words("Darlene Rhonda Charlene Misty Tina Lorraine"),
			carersM:  words("Leonard Dwayne Clayton Wesley Clifford Elijah"),
			families: words("Birchbark Cedarfeather Northwind Stonechild Whitecrane Greywater Longriver Tallpine Redcloud Sweetgrass"),
		},
		{
			name: "newcomer", percent: 9, language: "ara",
			girls:    words("Layla Amina Hodan Sofía Mariana Oksana Daria Hanan Bianca Angelica"),
			boys:     words("Omar Abdi Mateo Diego Taras Bohdan Khalid Ismail Rafael João"),
			carersF:  words("Rania Faduma Carmen Olena Lucía Maricel Fátima"),
			carersM:  words("Ahmad Warsame Carlos Andriy Jorge Rodel Mustafa"),
			families: words("Haddad Mansour Warsame Farah García Fernández Shevchenko Kovalenko Santos Gonçalves Dela-Cruz Nasser"),
		},
	}
}

// nicknames are used by one agency or another in the place of the given name.
func nicknames() map[string]string {
	return map[string]string{
		"Katherine": "Katie", "Elizabeth": "Liz", "Madison": "Maddy", "Samantha": "Sam", "Abigail": "Abby",
		"William": "Liam", "Benjamin": "Ben", "Alexander": "Alex", "Matthew": "Matt", "Christopher": "Chris",
		"Joseph": "Joe", "Daniel": "Dan", "Nicholas": "Nick", "Samuel": "Sam", "Thomas": "Tom", "Gabrielle": "Gaby",
		"Isabelle": "Belle", "Zacharie": "Zac", "Jean-Philippe": "JP", "Maxime": "Max", "Muhammad": "Mohamed",
		"Charlotte": "Charlie", "Nathan": "Nate", "Jackson": "Jack", "Olivia": "Liv", "Angelica": "Angel",
	}
}

// place is one invented municipality; the postal areas do not exist.
type place struct {
	name    string
	other   []string // how some agencies spell it
	percent int
	postal  []string
	french  int // percent of households from the french list
}

func places() []place {
	return []place{
		{"Cedar Falls", []string{"City of Cedar Falls", "CEDAR FALLS", "Cedar Falls Ont."}, 38, []string{"K3X", "K3Y", "K3Z"}, 12},
		{"Port Maitland", []string{"Pt Maitland", "Town of Port Maitland"}, 17, []string{"K5X"}, 10},
		{"Rivière-aux-Loups", []string{"Riviere-aux-Loups", "Rivière aux Loups"}, 13, []string{"K5Y"}, 70},
		{"Granite Lake", []string{"Town of Granite Lake", "GRANITE LAKE"}, 15, []string{"P4X"}, 10},
		{"Stonebridge", []string{"Township of Stonebridge"}, 10, []string{"P4Y"}, 8},
		{"Northmoor", []string{"Northmoor Ont."}, 7, []string{"P4Z"}, 25},
	}
}

func streets() []string {
	return []string{"Mill Rd", "Main St", "Church St", "Cedar Ave", "Lakeshore Dr", "Concession 4", "Quarry Rd", "Elm St",
		"Station St", "Riverside Dr", "Maple Cres", "Sawmill Lane", "King St E", "Dufferin St", "County Rd 7", "Harbour St",
		"Birch Grove", "Falls View Dr", "Orchard Way", "Schoolhouse Rd"}
}

func rues() []string {
	return []string{"rue Principale", "rue de l'Église", "chemin du Moulin", "rue des Érables", "rang 5", "rue Notre-Dame",
		"chemin de la Rivière", "rue du Quai"}
}

func areaCodes() []string {
	return []string{"613", "343", "705", "249", "683", "753", "942", "416", "647", "437", "365", "905", "289", "742", "226",
		"519", "548", "382", "807", "819"}
}

func schools() []string {
	return []string{"Cedar Falls PS", "Harbour View PS", "Granite Lake PS", "Stonebridge Central", "École Rivière-aux-Loups",
		"Maple Heights PS", "Northmoor Area School", "Cedar Falls Collegiate", "Port Maitland District SS"}
}

func coordinators() []struct{ name, employer string } {
	return []struct{ name, employer string }{
		{"Paula Winters", "CFTC"}, {"Dinesh Rao", "CFTC"}, {"Marguerite Lafleur", "CFTC"}, {"Joanne Pike", "CFTC"},
		{"Terrence Oake", "VMHS"}, {"Bridget Lyon", "VMHS"}, {"Sylvain Marchand", "PDEF"},
	}
}
